using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host;
using P6bNative.Kernels.Host.Simd;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Host;

public sealed unsafe class HostDeviceTests
{
    [Fact]
    public void Memory_is_zeroed_aligned_and_counted()
    {
        using var device = new HostDevice(1);
        Buffer first = device.Allocate(1000), second = device.Allocate(3);
        Assert.Equal(4012, device.AllocatedBytes);
        float[] values = new float[1000];
        Array.Fill(values, 1f);
        device.Download(first.All, values);
        Assert.All(values, value => Assert.Equal(0f, value));
        Assert.Equal(0, (nint)HostBuffer.Pointer(first.All) % 64);
        first.Dispose();
        first.Dispose();
        Assert.Equal(12, device.AllocatedBytes);
        second.Dispose();
        Assert.Equal(0, device.AllocatedBytes);
    }

    [Fact]
    public void Copies_reach_the_right_elements_in_both_precisions()
    {
        using var device = new HostDevice(1);
        using Buffer buffer = device.Allocate(5);
        device.Upload([1f, 2f], buffer.All.Slice(1, 2));
        device.Upload([0.1, 3.0], buffer.All.Slice(3, 2));
        float[] single = new float[5];
        double[] wide = new double[5];
        device.Download(buffer.All, single);
        device.Download(buffer.All, wide);
        Assert.Equal([0f, 1f, 2f, 0.1f, 3f], single);
        Assert.Equal([0.0, 1.0, 2.0, 0.1f, 3.0], wide);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        using var device = new HostDevice(1);
        using var reference = new ReferenceDevice();
        Buffer buffer = device.Allocate(5);
        using Buffer foreign = reference.Allocate(5);
        Assert.Throws<ArgumentException>(() => device.Upload(new float[4], buffer.All));
        Assert.Throws<ArgumentException>(() => device.Download(buffer.All, new double[6]));
        string message = Assert.Throws<ArgumentException>(() => device.Upload(new float[5], foreign.All)).Message;
        Assert.Contains("ReferenceBuffer", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Allocate(0));
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => device.Upload(new float[5], buffer.All));
    }

    [Theory]
    [InlineData("scalar", VectorWidth.Scalar)]
    [InlineData("128", VectorWidth.V128)]
    public void The_environment_lowers_the_width(string word, VectorWidth width)
    {
        using var device = new HostDevice(1, VectorWidth.Auto, word);
        Assert.Equal(width, device.Width);
        Assert.Contains(width == VectorWidth.Scalar ? "scalar" : "128-bit", device.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void An_asked_width_wins_over_the_environment_and_auto_is_the_widest()
    {
        Assert.Equal(VectorWidth.Scalar, VectorWidths.Resolve(VectorWidth.Scalar, "128"));
        Assert.Equal(VectorWidths.Available.Max(), VectorWidths.Resolve(VectorWidth.Auto, null));
        Assert.Equal(VectorWidths.Available.Max(), VectorWidths.Resolve(VectorWidth.Auto, ""));
    }

    [Fact]
    public void A_wrong_width_is_a_clear_error()
    {
        string unknown = Assert.Throws<ArgumentException>(() => VectorWidths.Resolve(VectorWidth.Auto, "384")).Message;
        Assert.Equal("P6B_VECTOR_WIDTH=384 is not a vector width; write 512, 256, 128 or scalar.", unknown);
        Assert.Throws<ArgumentException>(() => VectorWidths.Resolve((VectorWidth)384, null));
        foreach (VectorWidth width in Enum.GetValues<VectorWidth>().Except(VectorWidths.Available).Except([VectorWidth.Auto]))
        {
            string message = Assert.Throws<ArgumentException>(() => VectorWidths.Resolve(VectorWidth.Auto, VectorWidths.Word(width))).Message;
            Assert.StartsWith($"P6B_VECTOR_WIDTH={VectorWidths.Word(width)} does not run on this processor; it offers scalar", message);
        }
    }

    [Fact]
    public void The_catalog_opens_what_it_lists()
    {
        foreach (DeviceEntry entry in DeviceCatalog.List())
        {
            if (entry.IsAvailable)
            {
                using Device device = DeviceCatalog.Open(entry.Name, threads: 1);
                Assert.Equal(entry.Name, device.Name);
            }
            else
            {
                string message = Assert.Throws<ArgumentException>(() => DeviceCatalog.Open(entry.Name)).Message;
                Assert.Contains(entry.Obstacle, message, StringComparison.Ordinal);
            }
        }
        using Device host = DeviceCatalog.Open("host", threads: 2);
        Assert.Equal(2, Assert.IsType<HostDevice>(host).Threads);
        string unknown = Assert.Throws<ArgumentException>(() => DeviceCatalog.Open("gpu")).Message;
        string usable = string.Join(", ", DeviceCatalog.List().Where(entry => entry.IsAvailable).Select(entry => entry.Name));
        Assert.Equal($"There is no device 'gpu'; use auto, {usable}.", unknown);
    }

    [Fact]
    public void The_peak_is_plausible()
    {
        // Between a single operation in 10 cycles and 64 lanes a cycle at 6 GHz.
        Assert.InRange(FmaPeak.Measure(1, VectorWidth.Scalar), 0.1, 800);
    }
}
