using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class DeviceLossTests
{
    [Fact]
    public void A_lost_device_refuses_every_call_with_the_first_failure_and_can_be_disposed()
    {
        var device = new FailingDevice();
        Buffer memory = device.Allocate(4);
        device.Upload([1f, 2f], memory.All.Slice(0, 2));
        Recording recording = Assert.IsType<GpuRecording>(device.Record(() => { }));
        float[] values = new float[4];
        device.Download(memory.All, values);
        Assert.Equal([1f, 2f, 0f, 0f], values);

        device.Fails = true;
        var failure = Assert.Throws<DeviceException>(() => device.Download(memory.All, values));
        Assert.True(failure.IsDeviceLost);
        Assert.Equal("failing:0 is lost: copy: the card fell off the bus.", failure.Message);
        device.Fails = false;
        Action[] calls =
        [
            () => device.Download(memory.All, values), () => device.Upload(values, memory.All), () => device.Allocate(1), device.Synchronize,
            recording.Replay, () => device.Record(() => { }), () => device.StartProfiling(), () => ProbeKernels.LaunchAxpy(device, memory.All, memory.All, 1f),
        ];
        foreach (Action call in calls)
        {
            var later = Assert.Throws<DeviceException>(call);
            Assert.True(later.IsDeviceLost);
            Assert.Equal(failure.Message, later.Message);
        }
        Assert.True(device.IsLost);
        recording.Dispose();
        memory.Dispose();
        device.Dispose();
        Assert.Equal(0, device.LiveBlocks);
    }

    /// <summary>A device without kernels whose memory is the host's, and which fails when told to.</summary>
    private sealed unsafe class FailingDevice : GpuDevice
    {
        private readonly List<nint> _staging = [];

        public bool Fails { get; set; }

        public int LiveBlocks { get; private set; }

        public override string Name => "failing:0";

        public override string Description => "fails when told to";

        public override bool IsProcessor => true;

        public override int NativeVectorWidth => 1;

        public override int ComputeUnits => 1;

        public override long MemoryBytes => 1 << 20;

        protected override nint AllocateMemory(long bytes)
        {
            LiveBlocks++;
            return (nint)NativeMemory.AllocZeroed((nuint)bytes);
        }

        protected override void FreeMemory(nint memory)
        {
            LiveBlocks--;
            NativeMemory.Free((void*)memory);
        }

        protected override byte* AllocateStaging(long bytes)
        {
            _staging.Add((nint)NativeMemory.Alloc((nuint)bytes));
            return (byte*)_staging[^1];
        }

        protected internal override void Write(nint memory, long offset, void* source, long bytes) =>
            System.Buffer.MemoryCopy(source, (byte*)memory + offset, bytes, bytes);

        protected override void Read(nint memory, long offset, void* destination, long bytes)
        {
            if (Fails)
                throw Lose("copy: the card fell off the bus");
            System.Buffer.MemoryCopy((byte*)memory + offset, destination, bytes, bytes);
        }

        protected internal override void SetFence(int fence)
        {
        }

        protected internal override void AwaitFence(int fence)
        {
        }

        protected override void Finish()
        {
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

        protected override CompiledKernel Compile(KernelDescription kernel, int[] constants) => new(kernel, constants, 1);

        protected override void Enqueue(CompiledKernel kernel, LaunchSize size, long* slots)
        {
        }

        protected override void Close() => _staging.ForEach(memory => NativeMemory.Free((void*)memory));
    }
}
