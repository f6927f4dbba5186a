//! The backend of a device, and the location of its tensors; the only place that inspects Burn's types.

#[cfg(any(
    feature = "flex",
    feature = "ndarray",
    feature = "wgpu",
    feature = "cuda"
))]
use burn::backend::DispatchDevice;
use burn::tensor::Device;

/// The backends that this crate has features for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backend {
    /// Burn's CPU backend.
    Flex,
    /// Burn's older CPU backend, deprecated in favour of `Flex`.
    NdArray,
    /// A GPU through Vulkan, Metal or DirectX.
    Wgpu,
    /// An NVIDIA GPU.
    Cuda,
    /// A backend that this crate was built without.
    Other,
}

/// The memory that a device computes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Home {
    /// The host's own memory: reading a tensor copies nothing.
    Host,
    /// The device's memory: reading a tensor copies it.
    Device,
}

impl Backend {
    /// The name, which is that of the feature.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flex => "flex",
            Self::NdArray => "ndarray",
            Self::Wgpu => "wgpu",
            Self::Cuda => "cuda",
            Self::Other => "other",
        }
    }

    /// Where its tensors are. An unknown backend is treated as a separate device, which is always correct and at worst
    /// slow.
    pub fn home(self) -> Home {
        match self {
            Self::Flex | Self::NdArray => Home::Host,
            Self::Wgpu | Self::Cuda | Self::Other => Home::Device,
        }
    }
}

/// The backend of a device, with or without autodiff.
pub fn backend_of(device: &Device) -> Backend {
    match device.clone().inner().as_dispatch() {
        #[cfg(feature = "flex")]
        DispatchDevice::Flex(_) => Backend::Flex,
        #[cfg(feature = "ndarray")]
        DispatchDevice::NdArray(_) => Backend::NdArray,
        #[cfg(feature = "wgpu")]
        DispatchDevice::Cube(burn::backend::cubecl::Device::Wgpu(_)) => Backend::Wgpu,
        #[cfg(feature = "cuda")]
        DispatchDevice::Cube(burn::backend::cubecl::Device::Cuda(_)) => Backend::Cuda,
        _ => Backend::Other,
    }
}

/// Where a device's tensors are.
pub fn home_of(device: &Device) -> Home {
    backend_of(device).home()
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;

    #[test]
    fn a_processor_computes_in_the_hosts_memory_with_or_without_autodiff() {
        let device = Device::flex();
        for device in [device.clone(), device.autodiff()] {
            assert_eq!(backend_of(&device), Backend::Flex);
            assert_eq!(home_of(&device), Home::Host);
        }
    }
}
