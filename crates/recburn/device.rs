//! Selection of the device; the only place that depends on backend features.

use burn::tensor::Device;
use recburn_nn::{Backend, backend_of};
use thiserror::Error;

/// The names of all backends, each a feature of this crate.
pub const BACKENDS: [&str; 4] = ["cuda", "wgpu", "flex", "ndarray"];

/// Why no device could be opened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// The name is not a backend.
    #[error("unknown device `{name}`: expected one of {}", BACKENDS.join(", "))]
    Unknown {
        /// The requested name.
        name: String,
    },
    /// This program was built without the backend.
    #[error(
        "this program was built without `{name}`: rebuild it with `--features {name}` (it has {compiled})"
    )]
    NotCompiled {
        /// The requested name.
        name: String,
        /// The backends that are compiled in.
        compiled: String,
    },
    /// This program was built without any backend.
    #[error("this program was built without a backend: rebuild it with one of {}", BACKENDS.join(", "))]
    NoBackend,
    /// The backend finds no hardware, or no driver for it.
    #[error(
        "`{name}` found no device: {reason}; it needs {needs}; alternatively, use the CPU (`flex`)"
    )]
    NoDriver {
        /// The backend.
        name: String,
        /// Its error.
        reason: String,
        /// What to install.
        needs: &'static str,
    },
}

/// The device with this name; without a name the one in `BURN_DEVICE`, or else the fastest kind that is compiled in and
/// present: a GPU takes precedence over the CPU.
///
/// The driver of a returned device has responded. A GPU that is emulated on the CPU, as by Mesa's llvmpipe, is used
/// only if it is requested by name or nothing else is available.
pub fn pick_device(name: Option<&str>) -> Result<Device, DeviceError> {
    let asked = match name {
        Some(name) => Some(name.to_string()),
        // Burn also reads this variable, and panics if its value is invalid.
        None => std::env::var("BURN_DEVICE")
            .ok()
            .filter(|name| !name.is_empty()),
    };
    let Some(asked) = asked else {
        return fastest();
    };
    let name = asked.to_lowercase();
    if !BACKENDS.contains(&name.as_str()) {
        return Err(DeviceError::Unknown { name: asked });
    }
    match open(&name) {
        Some(opened) => Ok(opened?.device),
        None => Err(DeviceError::NotCompiled {
            name,
            compiled: match backends() {
                compiled if compiled.is_empty() => "none".to_string(),
                compiled => compiled.join(", "),
            },
        }),
    }
}

/// The backends that are compiled in, the fastest kind first.
pub fn backends() -> Vec<&'static str> {
    let built_in = [
        cfg!(feature = "cuda"),
        cfg!(feature = "wgpu"),
        cfg!(feature = "flex"),
        cfg!(feature = "ndarray"),
    ];
    let named = BACKENDS.into_iter().zip(built_in);
    named.filter_map(|(name, is)| is.then_some(name)).collect()
}

/// The first one available; software GPUs come last.
fn fastest() -> Result<Device, DeviceError> {
    let (mut played, mut refused) = (None, None);
    for opened in backends().into_iter().filter_map(open) {
        match opened {
            Ok(opened) if opened.played => played = played.or(Some(opened.device)),
            Ok(opened) => return Ok(opened.device),
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    played.ok_or(refused.unwrap_or(DeviceError::NoBackend))
}

/// A device whose driver has responded.
#[derive(Clone)]
struct Opened {
    device: Device,
    /// A software GPU, emulated on the CPU.
    played: bool,
}

impl Opened {
    #[cfg(any(feature = "cuda", feature = "flex", feature = "ndarray"))]
    fn real(device: Device) -> Self {
        let played = false;
        Self { device, played }
    }
}

/// The device of a backend; `None` if it is not compiled in.
fn open(name: &str) -> Option<Result<Opened, DeviceError>> {
    match name {
        #[cfg(feature = "cuda")]
        "cuda" => Some(cuda()),
        #[cfg(feature = "wgpu")]
        "wgpu" => Some(wgpu()),
        #[cfg(feature = "flex")]
        "flex" => Some(Ok(Opened::real(Device::flex()))),
        #[cfg(feature = "ndarray")]
        "ndarray" => Some(Ok(Opened::real({
            // Deprecated by Burn in favour of flex; kept for comparison.
            #[allow(deprecated)]
            Device::ndarray()
        }))),
        _ => None,
    }
}

/// The GPU through Vulkan, Metal or DirectX. Opened only once, since opening it again would fail.
#[cfg(feature = "wgpu")]
fn wgpu() -> Result<Opened, DeviceError> {
    use burn::tensor::DeviceKind;
    use burn::tensor::wgpu::{WgpuInitError, wgpu::DeviceType};
    use std::sync::OnceLock;
    static OPENED: OnceLock<Result<Opened, DeviceError>> = OnceLock::new();
    let open = || match Device::wgpu_options().init_with_setup() {
        Ok((device, setup)) => Ok(Opened {
            device,
            played: setup.adapter.get_info().device_type == DeviceType::Cpu,
        }),
        // The program has already opened it itself.
        Err(WgpuInitError::Registration { .. }) => Ok(Opened {
            device: Device::wgpu(DeviceKind::DefaultDevice),
            played: false,
        }),
        Err(error) => Err(DeviceError::NoDriver {
            name: "wgpu".to_string(),
            reason: error.to_string(),
            needs: "a GPU with a driver for Vulkan (on Debian mesa-vulkan-drivers, or the vendor's own), Metal or DirectX 12",
        }),
    };
    OPENED.get_or_init(open).clone()
}

/// The first NVIDIA GPU.
#[cfg(feature = "cuda")]
fn cuda() -> Result<Opened, DeviceError> {
    use burn::tensor::{DeviceType, Tensor};
    let missing = |reason: String| DeviceError::NoDriver {
        name: "cuda".to_string(),
        reason,
        needs: "an NVIDIA GPU and its driver (libcuda)",
    };
    // This checks that the driver's library exists before calling it.
    if Device::enumerate(DeviceType::Cuda).into_vec().is_empty() {
        return Err(missing("there is no driver, or no GPU".to_string()));
    }
    let device = Device::cuda(0);
    // If anything else is missing, the first operation panics.
    let tried = std::panic::catch_unwind({
        let device = device.clone();
        move || Tensor::<1>::zeros([1], &device).try_into_data()
    });
    match tried {
        Ok(Ok(_)) => Ok(Opened::real(device)),
        Ok(Err(error)) => Err(missing(error.to_string())),
        Err(panic) => Err(missing(
            panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or(panic.downcast_ref::<&str>().copied())
                .unwrap_or("its first operation failed")
                .to_string(),
        )),
    }
}

/// The name of a device in reports: that of its backend.
pub fn device_name(device: &Device) -> String {
    match backend_of(device) {
        // Not a backend that we know: Burn's own description.
        Backend::Other => format!("{:?}", device.clone().inner().as_dispatch()).to_lowercase(),
        known => known.name().to_string(),
    }
}
