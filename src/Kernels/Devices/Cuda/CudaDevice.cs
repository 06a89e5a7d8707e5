namespace P6bNative.Kernels.Devices;

/// <summary>An NVIDIA card through the CUDA driver: its primary context, one stream, programs compiled by NVRTC.</summary>
internal sealed unsafe partial class CudaDevice : GpuDevice
{
    // Which context this thread has made current; a closed device may have taken its context with it, so closing ends all of them.
    [ThreadStatic]
    private static (nint Context, int Closed) _current;
    private static int _closed;

    private readonly CudaHardware _hardware;
    private readonly CudaApi _api;
    private readonly CudaPrograms _programs;
    private readonly List<nint> _stagingMemory = [];
    private readonly nint[] _fences = new nint[StagingRing.Segments];
    private readonly nint _context;
    private readonly nint _stream;

    /// <param name="name">cuda:N</param>
    /// <param name="hardware">What to open.</param>
    /// <param name="driver">Its driver.</param>
    /// <param name="compiler">NVRTC.</param>
    /// <param name="cache">Where compiled programs are kept.</param>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public CudaDevice(string name, CudaHardware hardware, CudaDriver driver, Nvrtc compiler, ProgramCache cache)
    {
        const uint nonBlocking = 1, withoutTiming = 2;
        (Name, _hardware, _api) = (name, hardware, driver.Api!);
        nint context, stream;
        Check(_api.DevicePrimaryCtxRetain(&context, hardware.Handle), "cuDevicePrimaryCtxRetain");
        _context = context;
        Attach();
        Check(_api.StreamCreate(&stream, nonBlocking), "cuStreamCreate");
        _stream = stream;
        for (int fence = 0; fence < _fences.Length; fence++)
            _fences[fence] = CreateEvent(withoutTiming);
        _programs = new CudaPrograms(name, hardware, driver, compiler, cache);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Description => _hardware.Description;

    /// <inheritdoc/>
    public override bool IsProcessor => false;

    /// <inheritdoc/>
    public override int NativeVectorWidth => 1;

    /// <inheritdoc/>
    public override int ComputeUnits => _hardware.Multiprocessors;

    /// <inheritdoc/>
    public override long MemoryBytes => _hardware.Memory;

    /// <inheritdoc/>
    protected override void Attach()
    {
        (nint Context, int Closed) own = (_context, Volatile.Read(ref _closed));
        if (_current == own)
            return;
        Check(_api.CtxSetCurrent(_context), "cuCtxSetCurrent");
        _current = own;
    }

    /// <inheritdoc/>
    protected override nint AllocateMemory(long bytes)
    {
        nint memory;
        int result = _api.MemAlloc(&memory, (nuint)bytes);
        if (result == CudaResult.OutOfMemory)
        {
            nuint free, total;
            string rest = _api.MemGetInfo(&free, &total) == CudaResult.Success ? $"{Megabytes((long)free)} are free" : _api.Describe(result);
            throw OutOfMemory(bytes, $"out of memory, {rest}");
        }
        Check(result, "cuMemAlloc");
        Check(_api.MemsetD32Async(memory, 0, (nuint)(bytes / sizeof(float)), _stream), "cuMemsetD32Async");
        return memory;
    }

    /// <inheritdoc/>
    protected override void FreeMemory(nint memory) => _ = _api.MemFree(memory);

    /// <inheritdoc/>
    protected override byte* AllocateStaging(long bytes)
    {
        void* memory;
        Check(_api.MemHostAlloc(&memory, (nuint)bytes, 0), "cuMemHostAlloc of staging memory");
        _stagingMemory.Add((nint)memory);
        return (byte*)memory;
    }

    /// <inheritdoc/>
    protected override CompiledKernel Compile(KernelDescription kernel, int[] constants) => _programs.Compile(kernel, constants);

    /// <inheritdoc/>
    protected override void Enqueue(CompiledKernel kernel, LaunchSize size, long* slots)
    {
        int count = kernel.ArgumentSizes.Length;
        void** arguments = stackalloc void*[count];
        for (int i = 0; i < count; i++)
            arguments[i] = slots + i;
        nint start = StartTiming();
        int result = _api.LaunchKernel(
            kernel.Handle, (uint)size.X, (uint)size.Y, (uint)size.Z, (uint)kernel.Description.GroupSize, 1, 1, 0, _stream, arguments, null);
        if (result != CudaResult.Success)
            Fail(result, "cuLaunchKernel", kernel.Description);
        EndTiming(start, kernel.Description.Name);
    }

    /// <inheritdoc/>
    protected internal override void Write(nint memory, long offset, void* source, long bytes)
    {
        nint start = StartTiming();
        Check(_api.MemcpyHtoDAsync(memory + (nint)offset, source, (nuint)bytes, _stream), "cuMemcpyHtoDAsync");
        EndTiming(start, CopyToDevice);
    }

    /// <inheritdoc/>
    protected override void Read(nint memory, long offset, void* destination, long bytes)
    {
        nint start = StartTiming();
        Check(_api.MemcpyDtoHAsync(destination, memory + (nint)offset, (nuint)bytes, _stream), "cuMemcpyDtoHAsync");
        EndTiming(start, CopyToHost);
    }

    /// <inheritdoc/>
    protected internal override void SetFence(int fence) => Check(_api.EventRecord(_fences[fence], _stream), "cuEventRecord");

    /// <inheritdoc/>
    protected internal override void AwaitFence(int fence) => Check(_api.EventSynchronize(_fences[fence]), "cuEventSynchronize");

    /// <inheritdoc/>
    protected override void Finish() => Check(_api.StreamSynchronize(_stream), "cuStreamSynchronize");

    /// <inheritdoc/>
    protected override void Close()
    {
        _ = _api.StreamSynchronize(_stream);
        _programs.Dispose();
        foreach (nint fence in _fences)
            _ = _api.EventDestroy(fence);
        foreach (nint memory in _stagingMemory)
            _ = _api.MemFreeHost((void*)memory);
        _ = _api.StreamDestroy(_stream);
        _ = _api.DevicePrimaryCtxRelease(_hardware.Handle);
        Interlocked.Increment(ref _closed);
    }

    private nint CreateEvent(uint flags)
    {
        nint created;
        Check(_api.EventCreate(&created, flags), "cuEventCreate");
        return created;
    }

    private void Check(int result, string call)
    {
        if (result != CudaResult.Success)
            Fail(result, call, null);
    }

    private void Fail(int result, string call, KernelDescription? kernel)
    {
        string failure = $"{call}{(kernel is null ? "" : $" of kernel {kernel.Name}")}: {_api.Describe(result)}";
        throw CudaResult.IsLoss(result) ? Lose(failure) : new DeviceException($"{Name} ({_hardware.Name}): {failure}.");
    }
}
