using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>A graphics card of any size that computes nothing, all its memory zero: shows what a large card would be asked for.</summary>
internal sealed unsafe class NullGpuDevice(int computeUnits) : GpuDevice
{
    private readonly List<nint> _staging = [];
    private nint _last;

    public override string Name => "null:0";

    public override string Description => $"nothing, {computeUnits} compute units";

    public override bool IsProcessor => false;

    public override int NativeVectorWidth => 1;

    public override int ComputeUnits => computeUnits;

    public override long MemoryBytes => long.MaxValue;

    protected override nint AllocateMemory(long bytes) => ++_last;

    protected override void FreeMemory(nint memory)
    {
    }

    protected override CompiledKernel Compile(KernelDescription kernel, int[] constants) => new(kernel, constants, 1);

    protected override void Enqueue(CompiledKernel kernel, LaunchSize size, long* slots)
    {
    }

    protected override void Finish()
    {
    }

    protected override void Close()
    {
        foreach (nint memory in _staging) NativeMemory.Free((void*)memory);
    }

    protected internal override void Write(nint memory, long offset, void* source, long bytes)
    {
    }

    protected internal override void SetFence(int fence)
    {
    }

    protected internal override void AwaitFence(int fence)
    {
    }

    protected override void Read(nint memory, long offset, void* destination, long bytes) => new Span<byte>(destination, (int)bytes).Clear();

    protected override byte* AllocateStaging(long bytes)
    {
        void* memory = NativeMemory.AllocZeroed((nuint)bytes);
        _staging.Add((nint)memory);
        return (byte*)memory;
    }

    protected override bool BeginRecording() => true;

    protected override nint EndRecording() => 1;

    protected override void EnqueueRecording(nint recording)
    {
    }

    protected override void FreeRecording(nint recording)
    {
    }

    protected override void BeginTiming()
    {
    }

    protected override double Elapsed(nint start, nint end) => 0;

    protected override void EndTiming()
    {
    }
}
