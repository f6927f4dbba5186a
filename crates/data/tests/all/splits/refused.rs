//! Splits that leave a part empty, and those that make no sense.

use super::dataset;
use recburn_data::SplitKind;

#[test]
fn what_parts_nothing_is_refused() {
    let dataset = dataset(&[(0, 0), (0, 1), (1, 1)]);
    let refusal = |kind: SplitKind| {
        dataset
            .split(&kind, 0)
            .expect_err("nothing parted")
            .to_string()
    };
    for train in [0.0, 1.0, -0.5, 1.5, f64::NAN] {
        assert!(refusal(SplitKind::Mask { train }).starts_with("the training share must be"));
        assert!(refusal(SplitKind::Fraction { train }).starts_with("the training share must be"));
    }
    assert_eq!(
        refusal(SplitKind::KFold { folds: 1, fold: 0 }),
        "fold:1/1 makes no two parts: at least 2 folds are needed"
    );
    // Whoever reads a message counts folds from one.
    let there_is_no =
        |fold| format!("there is no fold {fold} of 5: say one from fold:1/5 to fold:5/5");
    assert_eq!(
        refusal(SplitKind::KFold { folds: 5, fold: 5 }),
        there_is_no(6)
    );
    for fold in [0, 6] {
        let word = format!("fold:{fold}/5");
        let error = word.parse::<SplitKind>().expect_err("no such fold");
        assert_eq!(error.to_string(), there_is_no(fold));
    }
    assert_eq!(
        refusal(SplitKind::Fraction { train: 0.99 }),
        "the split 'fraction:0.99' of 3 rows leaves the validation part empty"
    );
    assert_eq!(
        refusal(SplitKind::KFold { folds: 9, fold: 8 }),
        "the split 'fold:9/9' of 3 rows leaves the validation part empty"
    );
    let given = SplitKind::Given {
        train: "u1.base".into(),
        valid: "u1.test".into(),
    };
    assert!(refusal(given).contains("so a split cannot name them"));
}
