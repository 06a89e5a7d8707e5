using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class AllocationTests
{
    [Theory]
    [MemberData(nameof(GpuDevices.Names), MemberType = typeof(GpuDevices))]
    public void Launches_copies_and_replays_allocate_nothing(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer x = device.Allocate(1000), y = device.Allocate(1000);
        float[] single = new float[1000];
        double[] wide = new double[1000], first = new double[1];
        Step(null);
        using Recording? recording = device.Record(() => ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f));
        Step(recording);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Step(recording);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2, device.AllocationCount);

        void Step(Recording? recording)
        {
            device.Upload(single, x.All);
            device.Upload(wide, y.All);
            ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
            recording?.Replay();
            device.Download(x.All, single);
            device.Download(y.All, wide);
            device.Download(x.All.Slice(0, 1), first, y.All.Slice(0, 1), first);
            device.Synchronize();
        }
    }

    [Theory]
    [MemberData(nameof(GpuDevices.Names), MemberType = typeof(GpuDevices))]
    public void Memory_of_forgotten_buffers_comes_back(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        Forget(device);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using Buffer last = device.Allocate(1);
        Assert.Equal(4, device.AllocatedBytes);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget(GpuDevice device)
    {
        for (int i = 0; i < 10; i++)
            _ = device.Allocate(1000);
    }
}
