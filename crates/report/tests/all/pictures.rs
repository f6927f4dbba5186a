//! What stands in the diagrams and charts, and that the PNGs show it.

use crate::common::{seen, texts};
use proptest::prelude::*;
use recburn_graph::{Activation, Graph, Sym, TableOptions, add, concat, dot, multiply};
use recburn_report::{Chart, ReportError, Series, diagram};

fn biased_mf() -> Graph {
    let user = Sym::user(943);
    let item = Sym::item(1_682);
    let affinity = dot(
        "affinity",
        &user.embed("user_factors", 40),
        &item.embed("item_factors", 40),
    );
    let score = add(
        "score",
        [
            &affinity,
            &user.embed("user_bias", 1),
            &item.embed("item_bias", 1),
        ],
    );
    Graph::new("biased_mf", &score).expect("the graph is sound")
}

/// Skips a row, takes a value twice, joins values of several rows, and carries every kind of layer.
fn residual() -> Graph {
    let table = TableOptions {
        l2: 1e-6,
        non_negative: true,
        ..TableOptions::default()
    };
    let user = Sym::user(610).embed_with("user_factors", 50, table);
    let pair = concat("pair", [&user, &Sym::item(9_724).embed("item_factors", 50)]);
    let start = pair.dropout("pair_dropout", 0.3);
    let hidden = start
        .dense("hidden_1", 100, Activation::Relu)
        .batch_norm("norm")
        .dropout("hidden_dropout", 0.3);
    let deeper = hidden.dense("hidden_2", 100, Activation::Relu);
    let sum = add("residual", [&hidden, &deeper]);
    let square = multiply("square", [&deeper, &deeper]);
    let score = concat("everything", [&sum, &square, &start])
        .dense("raw", 1, Activation::Linear)
        .activation("squash", Activation::Sigmoid)
        .rescale("score", 0.5, 5.0);
    Graph::new("residual <mlp> & more", &score).expect("the graph is sound")
}

fn chart(points: &[&[(f64, f64)]]) -> Chart {
    Chart {
        title: "biased_mf: loss".into(),
        x_label: "epoch".into(),
        y_label: "mean squared error".into(),
        series: ["train", "validation", "third", "fourth", "fifth"]
            .iter()
            .zip(points)
            .map(|(name, points)| Series {
                name: (*name).to_string(),
                points: points.to_vec(),
            })
            .collect(),
        ..Chart::default()
    }
}

#[test]
fn a_diagram_names_every_layer_what_it_does_and_its_shape() -> Result<(), ReportError> {
    for graph in [biased_mf(), residual()] {
        let texts = texts(&diagram(&graph)?);
        for node in graph.nodes() {
            assert!(texts.contains(&node.name), "{}", node.name);
            assert!(texts.contains(&graph.describe(node)), "{}", node.op);
        }
        assert_eq!(texts.len(), 1 + 3 * graph.nodes().len());
    }
    Ok(())
}

#[test]
fn a_diagram_draws_each_connection_once_as_a_line_and_a_head() -> Result<(), ReportError> {
    let lines =
        |graph: &Graph| Ok::<_, ReportError>(diagram(graph)?.svg().matches("<path").count());
    assert_eq!(lines(&biased_mf())?, 2 * 9);
    // Of the 19 inputs, the square takes one value twice.
    assert_eq!(lines(&residual())?, 2 * 18);
    Ok(())
}

#[test]
fn a_name_that_looks_like_markup_is_text() -> Result<(), ReportError> {
    let picture = diagram(&residual())?;
    assert!(picture.svg().contains("residual &lt;mlp&gt; &amp; more"));
    seen(&picture, 1.0);
    Ok(())
}

#[test]
fn boxes_do_not_overlap() -> Result<(), ReportError> {
    let picture = diagram(&residual())?;
    let number = |tag: &str, key: &str| -> f64 {
        let start = tag.find(key).expect("the key is there") + key.len();
        let text: String = tag[start..].chars().take_while(|c| *c != '"').collect();
        text.parse().expect("a number")
    };
    let boxes: Vec<[f64; 4]> = picture
        .svg()
        .split("<rect x")
        .skip(1)
        .map(|tag| {
            let (x, y) = (number(tag, "=\""), number(tag, " y=\""));
            [
                x,
                y,
                x + number(tag, "width=\""),
                y + number(tag, "height=\""),
            ]
        })
        .collect();
    assert_eq!(boxes.len(), residual().nodes().len());
    for (at, one) in boxes.iter().enumerate() {
        for other in &boxes[at + 1..] {
            let apart =
                one[2] < other[0] || other[2] < one[0] || one[3] < other[1] || other[3] < one[1];
            assert!(apart, "{one:?} {other:?}");
        }
    }
    Ok(())
}

#[test]
fn png_has_the_wanted_size_and_is_not_blank() -> Result<(), ReportError> {
    let picture = chart(&[&[(1.0, 1.4), (2.0, 0.9)]]).draw()?;
    let (wide, tall, inked) = seen(&picture, 1.0);
    assert_eq!((wide, tall), (560, 400));
    assert!(inked > 1_000, "{inked}");
    let (wide, tall, more) = seen(&picture, 2.5);
    assert_eq!((wide, tall), (1_400, 1_000));
    assert!(more > 4 * inked);
    Ok(())
}

#[test]
fn letters_are_drawn_without_a_font_of_the_system() -> Result<(), ReportError> {
    let points: &[(f64, f64)] = &[(1.0, 1.0)];
    let with = chart(&[points]).draw()?;
    let mut mute = chart(&[points]);
    mute.title = String::new();
    assert!(seen(&with, 1.0).2 > seen(&mute.draw()?, 1.0).2 + 300);
    Ok(())
}

#[test]
fn a_scale_that_makes_no_picture_is_refused() -> Result<(), ReportError> {
    let picture = chart(&[]).draw()?;
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e4] {
        let error = picture.png(scale).expect_err("no such picture");
        assert!(matches!(error, ReportError::Scale { .. }), "{error}");
    }
    Ok(())
}

#[test]
fn a_picture_is_saved_as_svg_and_png() -> Result<(), Box<dyn std::error::Error>> {
    let home = tempfile::tempdir()?;
    let folder = home.path().join("pictures");
    let picture = diagram(&biased_mf())?;
    let [svg, png] = picture.save(&folder, "biased_mf")?;
    assert_eq!(svg, folder.join("biased_mf.svg"));
    assert_eq!(png, folder.join("biased_mf.png"));
    assert_eq!(std::fs::read_to_string(svg)?, picture.svg());
    assert_eq!(std::fs::read(png)?, picture.png(2.0)?);
    Ok(())
}

#[test]
fn a_chart_shows_its_words_and_one_mark_a_point() -> Result<(), ReportError> {
    let picture = chart(&[
        &[(1.0, 1.4), (2.0, 0.9), (3.0, 0.8)],
        &[(1.0, 1.5), (2.0, 1.1)],
    ])
    .draw()?;
    let texts = texts(&picture);
    for word in [
        "biased_mf: loss",
        "epoch",
        "mean squared error",
        "train",
        "validation",
    ] {
        assert!(texts.contains(&word.to_string()), "{word} of {texts:?}");
    }
    for tick in ["1", "2", "3"] {
        assert!(texts.contains(&tick.to_string()), "{tick} of {texts:?}");
    }
    // One more of each in the legend.
    assert_eq!(picture.svg().matches("<circle").count(), 3 + 1);
    assert_eq!(picture.svg().matches("<polygon").count(), 2 + 1);
    Ok(())
}

#[test]
fn one_point_no_point_and_no_number_are_drawn() -> Result<(), ReportError> {
    let circles = |points: &[&[(f64, f64)]]| {
        let picture = chart(points).draw()?;
        seen(&picture, 1.0);
        Ok::<_, ReportError>(picture.svg().matches("<circle").count())
    };
    assert_eq!(circles(&[])?, 0);
    assert_eq!(circles(&[&[]])?, 1);
    assert_eq!(circles(&[&[(1.0, 0.9)]])?, 2);
    let holes = [
        (1.0, 0.9),
        (2.0, f64::NAN),
        (3.0, f64::INFINITY),
        (f64::NAN, 1.0),
        (4.0, 0.7),
    ];
    assert_eq!(circles(&[&holes])?, 3);
    assert!(!chart(&[&holes]).draw()?.svg().contains("NaN"));
    Ok(())
}

#[test]
fn charts_stand_side_by_side() -> Result<(), ReportError> {
    let mut second = chart(&[&[(1.0, 0.5)]]);
    second.title = "biased_mf: mean absolute error".into();
    let picture = Chart::row(&[chart(&[&[(1.0, 1.0)]]), second])?;
    let (wide, tall, _) = seen(&picture, 1.0);
    assert_eq!((wide, tall), (1_120, 400));
    assert!(texts(&picture).contains(&"biased_mf: mean absolute error".to_string()));
    assert!(matches!(Chart::row(&[]), Err(ReportError::NoCharts)));
    Ok(())
}

#[test]
fn the_same_input_draws_the_same_picture() -> Result<(), ReportError> {
    assert_eq!(diagram(&residual())?, diagram(&residual())?);
    assert_eq!(
        chart(&[&[(1.0, 1.0)]]).draw()?,
        chart(&[&[(1.0, 1.0)]]).draw()?
    );
    Ok(())
}

/// Layers that each take one or two of those before, however far back.
fn layers_at_random() -> impl Strategy<Value = Graph> {
    prop::collection::vec(
        (
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            0u8..3,
        ),
        1..25,
    )
    .prop_map(|layers| {
        let mut values = vec![Sym::user(5).embed("u", 4), Sym::item(5).embed("i", 4)];
        for (at, (left, right, kind)) in layers.iter().enumerate() {
            let name = format!("layer_{at}");
            let (left, right) = (left.get(&values), right.get(&values));
            let next = match kind {
                0 => left.dense(&name, 4, Activation::Elu),
                1 => add(&name, [left, right]),
                _ => multiply(&name, [left, right]),
            };
            values.push(next);
        }
        let score = concat("all", &values).dense("score", 1, Activation::Linear);
        Graph::new("any", &score).expect("the graph is sound")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_graph_can_be_drawn(graph in layers_at_random()) {
        let picture = diagram(&graph)?;
        prop_assert!(!picture.svg().contains("NaN"));
        prop_assert_eq!(texts(&picture).len(), 1 + 3 * graph.nodes().len());
    }

    #[test]
    fn any_points_can_be_drawn(
        points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..60),
        whole in prop::collection::vec((-5i8..100, -1e3f64..1e3), 0..60),
        name in ".{0,40}",
    ) {
        let whole: Vec<_> = whole.into_iter().map(|(x, y)| (f64::from(x), y)).collect();
        for points in [points, whole] {
            let mut chart = chart(&[&points]);
            chart.title.clone_from(&name);
            chart.series[0].name.clone_from(&name);
            chart.y_label.clone_from(&name);
            let picture = chart.draw()?;
            prop_assert!(!picture.svg().contains("NaN,"));
        }
    }
}
