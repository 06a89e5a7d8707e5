using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using P6bNative.Kernels.Gpu;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Devices;

/// <summary>A device that runs the kernels of <c>Gpu/</c>: what the OpenCL and CUDA families share. Everything enqueued runs in order.</summary>
internal abstract unsafe partial class GpuDevice : Device
{
    private readonly Dictionary<KernelDescription, List<CompiledKernel>> _kernels = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<nint, long> _memory = [];
    private readonly ConcurrentQueue<nint> _abandoned = new();
    private GpuOperations? _operations;
    private long _allocatedBytes;
    private DeviceException? _lost;
    private bool _isDisposed;

    /// <inheritdoc/>
    public override IOperations Operations => _operations ??= new GpuOperations(this);

    /// <inheritdoc/>
    public sealed override long AllocatedBytes => _allocatedBytes;

    /// <summary>Runs on a processor, not on a graphics card: products use packed panels there.</summary>
    public abstract bool IsProcessor { get; }

    /// <summary>Floats of one native vector register (processors only; 1 elsewhere).</summary>
    public abstract int NativeVectorWidth { get; }

    /// <summary>Compute units, for choosing tile sizes.</summary>
    public abstract int ComputeUnits { get; }

    /// <inheritdoc/>
    public sealed override DeviceActivity Activity => new(LaunchCount, HostReadCount, AllocationCount);

    /// <summary>Bytes of device memory.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>Kernels launched so far, replayed ones included.</summary>
    public long LaunchCount { get; private set; }

    /// <summary>
    /// How often the host has waited for the device so far: once per <see cref="Device.Download(View, Span{float})"/> or Synchronize. Not counted:
    /// an upload that finds the staging ring full.
    /// </summary>
    public long HostReadCount { get; private set; }

    /// <summary>Device allocations made so far.</summary>
    public long AllocationCount { get; private set; }

    /// <summary>The device is gone: every call fails with the message of the first failure.</summary>
    public bool IsLost => _lost is not null;

    /// <inheritdoc/>
    public sealed override Buffer Allocate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Enter();
        ThrowIfRecording();
        ReleaseAbandoned();
        long bytes = checked(length * sizeof(float));
        nint memory = AllocateMemory(bytes);
        _memory.Add(memory, bytes);
        _allocatedBytes += bytes;
        AllocationCount++;
        return new GpuBuffer(this, memory, length);
    }

    /// <summary>
    /// Enqueues a kernel behind everything before it. While a recording is made it is recorded instead. Compiles the kernel's program on first use.
    /// </summary>
    /// <param name="kernel">What the generator described.</param>
    /// <param name="size">Groups.</param>
    /// <param name="arguments">One slot a parameter, one constant a specialisation.</param>
    /// <exception cref="DeviceException">The kernel does not compile or cannot be launched: names the call, the kernel and the device.</exception>
    [SkipLocalsInit]
    public void Launch(KernelDescription kernel, LaunchSize size, in KernelArguments arguments)
    {
        Enter();
        if (size.X < 1 || size.Y < 1 || size.Z < 1)
            throw new ArgumentOutOfRangeException(nameof(size), $"Kernel {kernel.Name}: a launch of {size.X} x {size.Y} x {size.Z} groups runs nothing.");
        CompiledKernel compiled = Compiled(kernel, arguments);
        long* slots = stackalloc long[CompiledKernel.MaxArguments];
        compiled.Pack(arguments, this, new Span<long>(slots, compiled.ArgumentSizes.Length));
        Enqueue(compiled, size, slots);
        if (IsRecording)
            _recordedLaunches++;
        else
            LaunchCount++;
    }

    /// <inheritdoc/>
    public sealed override void Synchronize()
    {
        Enter();
        ThrowIfRecording();
        HostReadCount++;
        FinishAndCollect();
    }

    /// <summary>Returns memory to the driver; nothing to do when it went with the device.</summary>
    internal void Release(nint memory)
    {
        if (_isDisposed || !_memory.Remove(memory, out long bytes))
            return;
        _allocatedBytes -= bytes;
        AttachToRelease();
        FreeMemory(memory);
    }

    /// <summary>Notes memory of a buffer that was forgotten, from the finalizer's thread; released by a later call.</summary>
    internal void ReleaseLater(nint memory) => _abandoned.Enqueue(memory);

    /// <summary>Allocates zeroed memory.</summary>
    /// <exception cref="DeviceException">There is not enough.</exception>
    protected abstract nint AllocateMemory(long bytes);

    /// <summary>Returns memory. Reports nothing: it is called while other errors are under way.</summary>
    protected abstract void FreeMemory(nint memory);

    /// <summary>Compiles a kernel with the constants of <paramref name="constants"/>.</summary>
    protected abstract CompiledKernel Compile(KernelDescription kernel, int[] constants);

    /// <summary>Enqueues or records a kernel.</summary>
    /// <param name="kernel">What to run.</param>
    /// <param name="size">Groups.</param>
    /// <param name="slots">Its arguments, one each 8 bytes.</param>
    protected abstract void Enqueue(CompiledKernel kernel, LaunchSize size, long* slots);

    /// <summary>Waits until everything enqueued has run.</summary>
    protected abstract void Finish();

    /// <summary>Releases the kernels, the queue and the context.</summary>
    protected abstract void Close();

    /// <summary>Notes that the device is gone and returns what to throw.</summary>
    protected DeviceException Lose(string failure) => _lost = new DeviceException($"{Name} is lost: {failure}.")
    {
        IsDeviceLost = true,
    };

    /// <summary>What to throw when memory ran out.</summary>
    protected DeviceException OutOfMemory(long bytes, string failure) => new(
        $"{Name}: {failure}: {Megabytes(bytes)} were asked for; {Megabytes(_allocatedBytes)} are in use of the device's {Megabytes(MemoryBytes)}. " +
        "A smaller batch needs less; another device may have more.");

    /// <summary>Begins every call: refuses it after the device was disposed or lost.</summary>
    protected void Enter()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_lost is not null)
            throw new DeviceException(_lost.Message, _lost) { IsDeviceLost = true };
        Attach();
    }

    /// <summary>Makes the driver ready for calls from this thread.</summary>
    protected virtual void Attach()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing || _isDisposed)
            return;
        AttachToRelease();
        ReleaseAbandoned();
        foreach (nint memory in _memory.Keys)
            FreeMemory(memory);
        _memory.Clear();
        _allocatedBytes = 0;
        Close();
        _isDisposed = true;
    }

    protected static string Megabytes(long bytes) => $"{bytes / 1048576.0:N1} MiB";

    private CompiledKernel Compiled(KernelDescription kernel, in KernelArguments arguments)
    {
        if (!_kernels.TryGetValue(kernel, out List<CompiledKernel>? variants))
            _kernels.Add(kernel, variants = []);
        foreach (CompiledKernel variant in variants)
        {
            if (variant.Has(arguments))
                return variant;
        }
        if (arguments.ConstantCount != kernel.Specializations.Count)
            throw new ArgumentException($"Kernel {kernel.Name} takes {kernel.Specializations.Count} constants, not {arguments.ConstantCount}.");
        int[] constants = new int[arguments.ConstantCount];
        for (int i = 0; i < constants.Length; i++)
            constants[i] = arguments.Constant(i);
        CompiledKernel compiled = Compile(kernel, constants);
        variants.Add(compiled);
        return compiled;
    }

    private void AttachToRelease()
    {
        // A lost device may refuse even this, and releasing must not fail.
        if (_lost is null)
            Attach();
    }

    private void ReleaseAbandoned()
    {
        while (_abandoned.TryDequeue(out nint memory))
            Release(memory);
    }
}
