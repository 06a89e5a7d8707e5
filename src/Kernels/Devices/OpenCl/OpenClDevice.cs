namespace P6bNative.Kernels.Devices;

/// <summary>A device of any vendor through OpenCL 1.2: one context, one in-order queue.</summary>
internal sealed unsafe class OpenClDevice : GpuDevice
{
    private readonly OpenClHardware _hardware;
    private readonly OpenClApi _api;
    private readonly nint _context;
    private readonly OpenClPrograms _programs;
    private readonly nint _queue;

    /// <param name="name">opencl:N</param>
    /// <param name="hardware">What to open.</param>
    /// <exception cref="DeviceException">The driver refuses.</exception>
    public OpenClDevice(string name, OpenClHardware hardware)
    {
        (Name, _hardware, _api) = (name, hardware, hardware.Api);
        nint* properties = stackalloc nint[] { 0x1084, hardware.Platform, 0 };
        nint device = hardware.Device;
        int status;
        _context = _api.CreateContext(properties, 1, &device, 0, 0, &status);
        Check(status, "clCreateContext");
        _queue = _api.CreateCommandQueue(_context, device, 0, &status);
        Check(status, "clCreateCommandQueue");
        _programs = new OpenClPrograms(name, hardware, _context);
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
            throw OutOfMemory(bytes, $"one buffer may have {_hardware.LargestAllocation >> 20} MiB");
        if (AllocatedBytes + bytes > MemoryBytes)
            throw OutOfMemory(bytes, "out of memory");
        const ulong readWrite = 1;
        int status;
        nint memory = _api.CreateBuffer(_context, readWrite, (nuint)bytes, null, &status);
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
    protected override void FreeMemory(nint memory) => _api.ReleaseMemObject(memory);

    /// <inheritdoc/>
    protected override CompiledKernel Compile(KernelDescription kernel, int[] constants) => _programs.Compile(kernel, constants);

    /// <inheritdoc/>
    protected override void Enqueue(CompiledKernel kernel, LaunchSize size, long* slots)
    {
        ReadOnlySpan<byte> sizes = kernel.ArgumentSizes;
        for (int i = 0; i < sizes.Length; i++)
        {
            int set = _api.SetKernelArg(kernel.Handle, (uint)i, sizes[i], slots + i);
            if (set != OpenClStatus.Success)
                Fail(set, $"clSetKernelArg({i})", kernel.Description);
        }
        int group = kernel.Description.GroupSize;
        nuint* global = stackalloc nuint[] { (nuint)size.X * (nuint)group, (nuint)size.Y, (nuint)size.Z };
        nuint* local = stackalloc nuint[] { (nuint)group, 1, 1 };
        int status = _api.EnqueueNDRangeKernel(_queue, kernel.Handle, 3, null, global, local, 0, null, null);
        if (status != OpenClStatus.Success)
            Fail(status, "clEnqueueNDRangeKernel", kernel.Description);
    }

    /// <inheritdoc/>
    protected override void Write(nint memory, long offset, void* source, long bytes) => Check(
        _api.EnqueueWriteBuffer(_queue, memory, 0, (nuint)offset, (nuint)bytes, source, 0, null, null), "clEnqueueWriteBuffer");

    /// <inheritdoc/>
    protected override void Read(nint memory, long offset, void* destination, long bytes) => Check(
        _api.EnqueueReadBuffer(_queue, memory, 0, (nuint)offset, (nuint)bytes, destination, 0, null, null), "clEnqueueReadBuffer");

    /// <inheritdoc/>
    protected override void Finish()
    {
        int status = _api.Finish(_queue);
        if (status == OpenClStatus.OutOfResources)
            throw Lose("clFinish: CL_OUT_OF_RESOURCES, a kernel failed");
        Check(status, "clFinish");
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        _ = _api.Finish(_queue);
        _programs.Dispose();
        _ = _api.ReleaseCommandQueue(_queue);
        _ = _api.ReleaseContext(_context);
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
