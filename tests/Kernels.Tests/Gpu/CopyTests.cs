using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class CopyTests
{
    public static TheoryData<string> Devices() => GpuDevices.Names();

    [Theory]
    [MemberData(nameof(Devices))]
    public void Memory_is_zeroed_and_counted(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        Buffer first = device.Allocate(1000), second = device.Allocate(3);
        Assert.Equal(4012, device.AllocatedBytes);
        float[] values = new float[1000];
        Array.Fill(values, 1f);
        device.Download(first.All, values);
        Assert.All(values, value => Assert.Equal(0f, value));
        device.Upload(values.Select(_ => 7f).ToArray(), first.All);
        device.Synchronize();
        first.Dispose();
        first.Dispose();
        Assert.Equal(12, device.AllocatedBytes);
        using Buffer again = device.Allocate(1000);
        device.Download(again.All, values);
        Assert.All(values, value => Assert.Equal(0f, value));
        second.Dispose();
        Assert.Equal(3, device.AllocationCount);
        Assert.Equal(4000, device.AllocatedBytes);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Numbers_reach_the_right_elements_in_both_precisions(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer buffer = device.Allocate(7);
        device.Upload([1f, 2f], buffer.All.Slice(1, 2));
        device.Upload([0.1, 3.0, -1e300], buffer.All.Slice(3, 3));
        float[] single = new float[7];
        double[] wide = new double[7], first = new double[2], second = new double[3];
        device.Download(buffer.All, single);
        device.Download(buffer.All, wide);
        device.Download(buffer.All.Slice(5, 2), first, buffer.All.Slice(1, 3), second);
        Assert.Equal([0f, 1f, 2f, 0.1f, 3f, float.NegativeInfinity, 0f], single);
        Assert.Equal([0.0, 1.0, 2.0, 0.1f, 3.0, double.NegativeInfinity, 0.0], wide);
        Assert.Equal([double.NegativeInfinity, 0.0], first);
        Assert.Equal([1.0, 2.0, 0.1f], second);
        Assert.Equal(3, device.HostReadCount);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Copies_larger_than_the_ring_go_in_pieces(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        const int length = 5_000_011;
        float[] values = new float[length], back = new float[length];
        var random = new Random(1);
        for (int i = 0; i < length; i++)
            values[i] = random.NextSingle();
        using Buffer buffer = device.Allocate(length + 5);
        device.Upload(values, buffer.All.Slice(5, length));
        device.Download(buffer.All.Slice(5, length), back);
        Assert.Equal(values, back);
        double[] wide = Array.ConvertAll(values, value => -2.0 * value), wideBack = new double[length];
        device.Upload(wide, buffer.All.Slice(0, length));
        device.Download(buffer.All.Slice(0, length), wideBack);
        Assert.Equal(wide, wideBack);
        double[] small = [-1], third = new double[length], last = new double[1];
        device.Upload(small, buffer.All.Slice(length + 4, 1));
        device.Download(buffer.All.Slice(0, length), third, buffer.All.Slice(length + 4, 1), last);
        Assert.Equal(wide, third);
        Assert.Equal(small, last);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Uploads_are_taken_over_at_once_and_arrive_in_order(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        const int length = 30_000, rounds = 200;
        using Buffer x = device.Allocate(length), y = device.Allocate(length);
        float[] values = new float[length];
        for (int round = 1; round <= rounds; round++)
        {
            Array.Fill(values, round);
            device.Upload(values, x.All);
            ProbeKernels.LaunchAxpy(device, y.All, x.All, 1f);
        }
        Array.Fill(values, float.NaN);
        device.Download(y.All, values);
        Assert.All(values, value => Assert.Equal(rounds * (rounds + 1) / 2, value));
        Assert.Equal(1, device.HostReadCount);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Misuse_is_refused(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using var reference = new ReferenceDevice();
        using GpuDevice other = GpuDevices.Open(name);
        Buffer buffer = device.Allocate(5);
        using Buffer foreign = reference.Allocate(5), elsewhere = other.Allocate(5);
        Assert.Throws<ArgumentException>(() => device.Upload(new float[4], buffer.All));
        Assert.Throws<ArgumentException>(() => device.Download(buffer.All, new double[6]));
        string message = Assert.Throws<ArgumentException>(() => device.Upload(new float[5], foreign.All)).Message;
        Assert.Contains("ReferenceBuffer", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => device.Download(elsewhere.All, new float[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate(0));
        device.Upload(ReadOnlySpan<float>.Empty, buffer.All.Slice(5, 0));
        device.Upload(ReadOnlySpan<double>.Empty, default);
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Upload(new float[5], buffer.All));
        device.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Allocate(1));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Too_large_a_buffer_is_refused_with_the_sizes(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer small = device.Allocate(1 << 20);
        long length = device.MemoryBytes / sizeof(float) + 1024;
        string message = Assert.Throws<DeviceException>(() => device.Allocate(length)).Message;
        Assert.StartsWith($"{name}: ", message, StringComparison.Ordinal);
        Assert.Contains($"{length * 4 / 1048576.0:N1} MiB were asked for; 4.0 MiB are in use", message, StringComparison.Ordinal);
        Assert.Contains("smaller batch", message, StringComparison.Ordinal);
        Assert.False(device.IsLost);
        Assert.Equal(4 << 20, device.AllocatedBytes);
    }
}
