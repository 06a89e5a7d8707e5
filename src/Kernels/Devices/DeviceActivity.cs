namespace P6bNative.Kernels.Devices;

/// <summary>Counts of what a device was asked for since it was opened.</summary>
/// <param name="Launches">Kernels, replayed ones included.</param>
/// <param name="HostReads">Waits of the host for the device.</param>
/// <param name="Allocations">Blocks of device memory.</param>
public readonly record struct DeviceActivity(long Launches, long HostReads, long Allocations);
