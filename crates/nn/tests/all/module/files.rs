//! Weights on and off files, and files that hold none.

use super::*;

#[test]
fn weights_come_back_from_a_file_bit_by_bit() {
    let home = tempfile::tempdir().unwrap();
    for graph in graphs() {
        let path = home.path().join("deep/down").join(graph.name());
        let model = network(graph.clone());
        let weights = Weights::of(&model);
        weights.save(&path).unwrap();
        let back = Weights::load(&path).unwrap();
        assert_same_bits(&back, &weights);
        let fresh = Network::new(graph, 99, &Device::flex());
        let fresh_scores = all_scores(&fresh);
        let loaded = back.load_into(fresh).unwrap();
        assert_same_bits(&Weights::of(&loaded), &weights);
        assert_eq!(all_scores(&loaded), all_scores(&model));
        assert_ne!(all_scores(&loaded), fresh_scores);
    }
}

#[test]
fn odd_numbers_come_back_bit_by_bit_too() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("odd");
    let values = vec![
        0.0,
        -0.0,
        f32::MIN_POSITIVE,
        f32::from_bits(1),
        f32::MAX,
        f32::MIN,
        0.1,
        1.0 / 3.0,
        -1e-38,
        16_777_217.0,
        f32::EPSILON,
        -7.5,
    ];
    let shape = vec![12, 1];
    let weights = Weights(BTreeMap::from([(
        "bias.weight".to_string(),
        Weight { shape, values },
    )]));
    weights.save(&path).unwrap();
    assert_same_bits(&Weights::load(&path).unwrap(), &weights);
    let model = Network::new(users_only(), 0, &Device::flex());
    assert_same_bits(&Weights::of(&weights.load_into(model).unwrap()), &weights);
}

#[test]
fn saving_replaces_the_file_and_leaves_nothing_beside_it() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights.safetensors");
    Weights::of(&network(biased())).save(&path).unwrap();
    let second = Weights::of(&network(tower()));
    second.save(&path).unwrap();
    assert_same_bits(&Weights::load(&path).unwrap(), &second);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn one_set_of_weights_is_always_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let bytes = |name: &str| {
        let path = home.path().join(name);
        Weights::of(&network(tower())).save(&path).unwrap();
        std::fs::read(path).unwrap()
    };
    assert!(bytes("a") == bytes("b"));
}

/// Writes one tensor of these bytes.
fn write(path: &Path, name: &str, dtype: Dtype, shape: &[usize], bytes: &[u8]) {
    let view = TensorView::new(dtype, shape.to_vec(), bytes).unwrap();
    let bytes = safetensors::serialize([(name, view)], None).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_file_of_another_number_type_is_refused_by_tensor_and_type() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    for (dtype, size, text) in [
        (Dtype::F64, 8, "F64"),
        (Dtype::F16, 2, "F16"),
        (Dtype::BF16, 2, "BF16"),
        (Dtype::I32, 4, "I32"),
        (Dtype::U8, 1, "U8"),
    ] {
        write(&path, "bias.weight", dtype, &[2, 1], &vec![0; 2 * size]);
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::Numbers { .. }));
        assert_eq!(
            error.to_string(),
            format!(
                "{}: `bias.weight` holds {text} numbers; weights are F32",
                path.display()
            )
        );
    }
}

#[test]
fn a_number_that_is_not_finite_is_refused_by_tensor_and_position() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    for (odd, text) in [
        (f32::NAN, "`bias.weight` holds NaN at position 3"),
        (f32::INFINITY, "`bias.weight` holds inf at position 3"),
        (f32::NEG_INFINITY, "`bias.weight` holds -inf at position 3"),
    ] {
        let values = [1.0f32, 2.0, 3.0, odd, 5.0, f32::NAN];
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        write(&path, "bias.weight", Dtype::F32, &[6, 1], &bytes);
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::NotFinite { at: 3, .. }));
        assert_eq!(error.to_string(), format!("{}: {text}", path.display()));
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    Weights::of(&network(users_only())).save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::Format { .. }), "{length}");
        let text = error.to_string();
        let start = format!("{} is not a safetensors file: ", path.display());
        assert!(text.starts_with(&start), "{text}");
    }
    // And one that goes on.
    std::fs::write(&path, [&whole[..], &[0]].concat()).unwrap();
    let error = Weights::load(&path).unwrap_err();
    assert!(matches!(&error, WeightsError::Format { .. }));
}

#[test]
fn a_file_with_any_byte_of_its_header_changed_never_panics() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    Weights::of(&network(users_only())).save(&path).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let header = whole.len() - 12 * 4;
    for at in 0..header {
        for byte in [0, b'"', b'9', b'}', whole[at] ^ 1, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            std::fs::write(&path, &bytes).unwrap();
            if let Ok(weights) = Weights::load(&path) {
                let model = Network::new(users_only(), 0, &Device::flex());
                // Refused or taken, by name and shape.
                let _ = weights.load_into(model);
            }
        }
    }
}

#[test]
fn what_is_no_safetensors_file_is_refused_by_path() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    let huge = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    let past = [&100u64.to_le_bytes()[..], b"{}"].concat();
    for bytes in [
        &b""[..],
        b"userId,movieId,rating\n1,1,4.0\n",
        b"{\"graph\": 1}",
        b"PK\x03\x04 and so on, and so on",
        &huge,
        &past,
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::Format { .. }), "{error}");
        assert!(error.to_string().contains(&path.display().to_string()));
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let home = tempfile::tempdir().unwrap();
    // A folder is no file, neither to read nor to write.
    for path in [home.path().join("nowhere"), home.path().to_path_buf()] {
        let error = Weights::load(&path).unwrap_err();
        assert!(matches!(&error, WeightsError::Read { .. }));
        assert!(error.to_string().contains(&path.display().to_string()));
    }
    let error = Weights::of(&network(users_only()))
        .save(home.path())
        .unwrap_err();
    assert!(matches!(&error, WeightsError::Write(_)));
    let named = home.path().display().to_string();
    assert!(error.to_string().contains(&named), "{error}");
}

#[test]
fn weights_that_could_not_be_loaded_again_are_not_saved() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("weights");
    let good = Weights::of(&network(users_only()));
    good.save(&path).unwrap();
    let mut bad = good.clone();
    bad.0.get_mut("bias.weight").unwrap().values[4] = f32::NAN;
    let error = bad.save(&path).unwrap_err();
    assert!(matches!(&error, WeightsError::NotFinite { at: 4, .. }));
    assert_same_bits(&Weights::load(&path).unwrap(), &good);
}

#[test]
fn a_weight_whose_numbers_do_not_fill_its_shape_is_an_error_and_no_panic() {
    let model = network(users_only());
    let mut weights = Weights::of(&model);
    weights.0.get_mut("bias.weight").unwrap().values.pop();
    assert!(weights.load_into(model).is_err());
    let home = tempfile::tempdir().unwrap();
    assert!(weights.save(&home.path().join("weights")).is_err());
}
