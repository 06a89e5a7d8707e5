using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Devices;

/// <summary>A device that runs the kernels of <c>Gpu/</c>: what the OpenCL and CUDA families share.</summary>
internal abstract class GpuDevice : Device
{
    /// <inheritdoc/>
    public override IOperations Operations => throw new NotSupportedException("The kernels are not written yet.");

    /// <summary>Runs on a processor, not on a graphics card: products use packed panels there.</summary>
    public abstract bool IsProcessor { get; }

    /// <summary>Floats of one native vector register (processors only; 1 elsewhere).</summary>
    public abstract int NativeVectorWidth { get; }

    /// <summary>Compute units, for choosing tile sizes.</summary>
    public abstract int ComputeUnits { get; }

    /// <inheritdoc/>
    public sealed override DeviceActivity Activity => new(LaunchCount, HostReadCount, AllocationCount);

    /// <summary>Kernels launched so far, replayed ones included.</summary>
    public long LaunchCount { get; protected set; }

    /// <summary>How often the host has waited for the device so far: one wait per <see cref="Device.Download(View, Span{float})"/> or Synchronize.</summary>
    public long HostReadCount { get; protected set; }

    /// <summary>Device allocations made so far.</summary>
    public long AllocationCount { get; protected set; }

    /// <summary>
    /// Enqueues a kernel behind everything before it. While a recording is made it is recorded instead. Compiles the kernel's program on first use.
    /// </summary>
    /// <param name="kernel">What the generator described.</param>
    /// <param name="size">Groups.</param>
    /// <param name="arguments">One slot a parameter, one constant a specialisation.</param>
    /// <exception cref="DeviceException">The kernel does not compile or cannot be launched: names the call, the kernel and the device.</exception>
    public abstract void Launch(KernelDescription kernel, LaunchSize size, in KernelArguments arguments);
}
