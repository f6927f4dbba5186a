//! Which hardware runs: the one place that knows of backend features.

use burn::tensor::Device;
use thiserror::Error;

/// The backends by name, each a feature of this crate.
pub const BACKENDS: [&str; 4] = ["cuda", "wgpu", "flex", "ndarray"];

/// Why there is no device.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// A name that is no backend.
    #[error("there is no device `{name}`; there are {}", BACKENDS.join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// A backend that this binary was built without.
    #[error(
        "this program was built without `{name}`: build it again with `--features {name}` (it has {compiled})"
    )]
    NotCompiled {
        /// What was asked for.
        name: String,
        /// What is compiled in.
        compiled: String,
    },
    /// A binary without any backend.
    #[error("this program was built without a backend: build it again with one of {}", BACKENDS.join(", "))]
    NoBackend,
}

/// The device of this name; without a name the one in `BURN_DEVICE`, or else the fastest kind that is compiled in: a
/// GPU before a processor.
pub fn device(name: Option<&str>) -> Result<Device, DeviceError> {
    let asked = match name {
        Some(name) => Some(name.to_string()),
        // Burn reads this variable as well, and panics where it cannot follow.
        None => std::env::var("BURN_DEVICE")
            .ok()
            .filter(|name| !name.is_empty()),
    };
    let Some(asked) = asked else {
        return BACKENDS
            .iter()
            .find_map(|name| compiled(name))
            .ok_or(DeviceError::NoBackend);
    };
    let name = asked.to_lowercase();
    if !BACKENDS.contains(&name.as_str()) {
        return Err(DeviceError::Unknown { name: asked });
    }
    compiled(&name).ok_or_else(|| {
        let compiled: Vec<_> = BACKENDS
            .into_iter()
            .filter(|name| compiled(name).is_some())
            .collect();
        DeviceError::NotCompiled {
            name,
            compiled: if compiled.is_empty() {
                "none".to_string()
            } else {
                compiled.join(", ")
            },
        }
    })
}

fn compiled(name: &str) -> Option<Device> {
    match name {
        #[cfg(feature = "cuda")]
        "cuda" => Some(Device::cuda(0)),
        #[cfg(feature = "wgpu")]
        "wgpu" => Some(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)),
        #[cfg(feature = "flex")]
        "flex" => Some(Device::flex()),
        #[cfg(feature = "ndarray")]
        "ndarray" => Some({
            // Deprecated by Burn in favour of flex, and here to compare with it.
            #[allow(deprecated)]
            Device::ndarray()
        }),
        _ => None,
    }
}

/// What to call a device in a report: its backend, and the kind of hardware where the backend tells.
pub fn device_name(device: &Device) -> String {
    let text = format!("{:?}", device.clone().inner().as_dispatch()).to_lowercase();
    let known = BACKENDS.iter().find(|name| text.contains(*name));
    known.map_or(text.clone(), |name| (*name).to_string())
}
