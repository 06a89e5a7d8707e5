namespace P6bNative.Kernels.Devices;

/// <summary>A device failed: the message names the device, the call and, where there is one, the kernel.</summary>
public sealed class DeviceException : Exception
{
    /// <summary>Creates the exception.</summary>
    public DeviceException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with its cause.</summary>
    public DeviceException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The device is gone for this process: what its memory held is lost, and every later call fails with the same message.</summary>
    public bool IsDeviceLost { get; init; }
}
