namespace P6bNative.Kernels.Devices;

/// <summary>A device of any vendor through OpenCL 1.2: one context, one in-order queue.</summary>
internal sealed unsafe partial class OpenClDevice : GpuDevice
{
    // Some drivers send nothing to the device before they are told to.
    private const int LaunchesPerFlush = 16;

    private readonly OpenClHardware _hardware;
    private readonly OpenClApi _api;
    private readonly OpenClPrograms _programs;
    private readonly List<nint> _stagingMemory = [];
    private readonly Dictionary<nint, nint> _hostMemory = [];
    private readonly nint[] _fences = new nint[StagingRing.Segments];
    private readonly nint _context;
    private readonly nint _plainQueue;
    private nint _queue;
    private int _launchesToFlush = LaunchesPerFlush;

    /// <param name="name">opencl:N</param>
    /// <param name="hardware">What to open.</param>
    /// <param name="cache">Where compiled programs are kept.</param>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public OpenClDevice(string name, OpenClHardware hardware, ProgramCache cache)
    {
        (Name, _hardware, _api) = (name, hardware, hardware.Api);
        nint* properties = stackalloc nint[] { 0x1084, hardware.Platform, 0 };
        nint device = hardware.Device;
        int status;
        _context = _api.CreateContext(properties, 1, &device, 0, 0, &status);
        Check(status, "clCreateContext");
        _queue = _plainQueue = CreateQueue(0);
        _programs = new OpenClPrograms(name, hardware, _context, cache);
        _commandBuffers = OpenClCommandBuffers.Of(hardware);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Description => _hardware.Description;

    /// <inheritdoc/>
    public override bool IsProcessor => _hardware.IsProcessor;

    /// <inheritdoc/>
    public override int NativeVectorWidth => IsProcessor ? _hardware.NativeVectorWidth : 1;

    /// <inheritdoc/>
    public override int ComputeUnits => _hardware.ComputeUnits;

    /// <inheritdoc/>
    public override long MemoryBytes => _hardware.Memory;

    /// <inheritdoc/>
    protected override nint AllocateMemory(long bytes)
    {
        if (bytes > _hardware.LargestAllocation)
            throw OutOfMemory(bytes, $"one buffer may have {Megabytes(_hardware.LargestAllocation)}");
        if (AllocatedBytes + bytes > MemoryBytes)
            throw OutOfMemory(bytes, "out of memory");
        const ulong readWrite = 1, useHostPointer = 1 << 3;
        int status;

        // A processor works on host memory, which is better given on huge pages than taken as the driver allocates it.
        void* host = IsProcessor ? HostMemory.Allocate(bytes) : null;
        nint memory = _api.CreateBuffer(_context, host == null ? readWrite : readWrite | useHostPointer, (nuint)bytes, host, &status);
        if (host != null)
        {
            if (status == OpenClStatus.Success)
                _hostMemory.Add(memory, (nint)host);
            else
                HostMemory.Free(host);
        }

        if (status == OpenClStatus.Success)
        {
            // Drivers may find the memory only at first use: that is here.
            int zero = 0;
            status = _api.EnqueueFillBuffer(_queue, memory, &zero, sizeof(int), 0, (nuint)bytes, 0, null, null);
            if (status == OpenClStatus.Success)
                return memory;
            FreeMemory(memory);
        }
        if (OpenClStatus.IsOutOfMemory(status))
            throw OutOfMemory(bytes, OpenClStatus.Name(status));
        Check(status, "clCreateBuffer");
        return 0;
    }

    /// <inheritdoc/>
    protected override void FreeMemory(nint memory)
    {
        if (!_hostMemory.Remove(memory, out nint host))
        {
            _ = _api.ReleaseMemObject(memory);
            return;
        }

        // The driver need not keep memory that is not its own until its queue is through with it.
        _ = _api.Finish(_queue);
        _ = _api.ReleaseMemObject(memory);
        HostMemory.Free((void*)host);
    }

    /// <inheritdoc/>
    protected override byte* AllocateStaging(long bytes)
    {
        const ulong readWriteHost = 1 | (1 << 4), forReadAndWrite = 1 | (1 << 1);
        int status;
        nint memory = _api.CreateBuffer(_context, readWriteHost, (nuint)bytes, null, &status);
        Check(status, "clCreateBuffer of staging memory");
        _stagingMemory.Add(memory);
        void* address = _api.EnqueueMapBuffer(_queue, memory, 1, forReadAndWrite, 0, (nuint)bytes, 0, null, null, &status);
        Check(status, "clEnqueueMapBuffer");
        return (byte*)address;
    }

    /// <inheritdoc/>
    protected override CompiledKernel Compile(KernelDescription kernel, int[] constants) => _programs.Compile(kernel, constants);

    /// <inheritdoc/>
    protected override void Enqueue(CompiledKernel kernel, LaunchSize size, long* slots)
    {
        if (IsRecording && _recording == 0)
            return;
        nint handle = IsRecording ? RecordedKernel(kernel) : kernel.Handle;
        ReadOnlySpan<byte> sizes = kernel.ArgumentSizes;
        for (int i = 0; i < sizes.Length; i++)
        {
            int set = _api.SetKernelArg(handle, (uint)i, sizes[i], slots + i);
            if (set != OpenClStatus.Success)
                Fail(set, $"clSetKernelArg({i})", kernel.Description);
        }
        int group = kernel.Description.GroupSize;
        nuint* global = stackalloc nuint[] { (nuint)size.X * (nuint)group, (nuint)size.Y, (nuint)size.Z };
        nuint* local = stackalloc nuint[] { (nuint)group, 1, 1 };
        if (IsRecording)
        {
            Record(handle, global, local);
            return;
        }
        nint done = 0;
        int status = _api.EnqueueNDRangeKernel(_queue, handle, 3, null, global, local, 0, null, IsProfiling ? &done : null);
        if (status != OpenClStatus.Success)
            Fail(status, "clEnqueueNDRangeKernel", kernel.Description);
        if (IsProfiling)
            Timed(kernel.Description.Name, done, 0);
        if (--_launchesToFlush == 0)
            Flush();
    }

    /// <inheritdoc/>
    protected internal override void Write(nint memory, long offset, void* source, long bytes)
    {
        nint done = 0;
        int status = _api.EnqueueWriteBuffer(_queue, memory, 0, (nuint)offset, (nuint)bytes, source, 0, null, IsProfiling ? &done : null);
        Check(status, "clEnqueueWriteBuffer");
        if (IsProfiling)
            Timed(CopyToDevice, done, 0);
    }

    /// <inheritdoc/>
    protected override void Read(nint memory, long offset, void* destination, long bytes)
    {
        nint done = 0;
        int status = _api.EnqueueReadBuffer(_queue, memory, 0, (nuint)offset, (nuint)bytes, destination, 0, null, IsProfiling ? &done : null);
        Check(status, "clEnqueueReadBuffer");
        if (IsProfiling)
            Timed(CopyToHost, done, 0);
    }

    /// <inheritdoc/>
    protected internal override void SetFence(int fence)
    {
        nint passed;
        Check(_api.EnqueueMarkerWithWaitList(_queue, 0, null, &passed), "clEnqueueMarkerWithWaitList");
        ReleaseFence(fence);
        _fences[fence] = passed;
    }

    /// <inheritdoc/>
    protected internal override void AwaitFence(int fence)
    {
        nint passed = _fences[fence];
        CheckWait(_api.WaitForEvents(1, &passed), "clWaitForEvents");
        ReleaseFence(fence);
    }

    /// <inheritdoc/>
    protected override void Finish()
    {
        CheckWait(_api.Finish(_queue), "clFinish");
        _launchesToFlush = LaunchesPerFlush;
        _replaysUnderWay.Clear();
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        _ = _api.Finish(_queue);
        for (int fence = 0; fence < _fences.Length; fence++)
            ReleaseFence(fence);
        foreach (nint memory in _stagingMemory)
            FreeMemory(memory);
        _programs.Dispose();
        if (_queue != _plainQueue)
            _ = _api.ReleaseCommandQueue(_queue);
        _ = _api.ReleaseCommandQueue(_plainQueue);
        _ = _api.ReleaseContext(_context);
    }

    private nint CreateQueue(ulong properties)
    {
        int status;
        nint queue = _api.CreateCommandQueue(_context, _hardware.Device, properties, &status);
        Check(status, "clCreateCommandQueue");
        return queue;
    }

    private void Flush()
    {
        Check(_api.Flush(_queue), "clFlush");
        _launchesToFlush = LaunchesPerFlush;
    }

    private void ReleaseFence(int fence)
    {
        if (_fences[fence] != 0)
            _ = _api.ReleaseEvent(_fences[fence]);
        _fences[fence] = 0;
    }

    // A kernel that failed on the device is first heard of where the host waits; some drivers only say that resources ran out.
    private void CheckWait(int status, string call)
    {
        if (status == OpenClStatus.OutOfResources)
            throw Lose($"{call}: {OpenClStatus.Name(status)}, so a kernel before it failed");
        Check(status, call);
    }

    private void Check(int status, string call)
    {
        if (status != OpenClStatus.Success)
            Fail(status, call, null);
    }

    private void Fail(int status, string call, KernelDescription? kernel)
    {
        string failure = $"{call}{(kernel is null ? "" : $" of kernel {kernel.Name}")}: {OpenClStatus.Name(status)}";
        throw OpenClStatus.IsLoss(status) ? Lose(failure) : new DeviceException($"{Name} ({_hardware.Name}): {failure}.");
    }
}
