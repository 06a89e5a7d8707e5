using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Reference;

namespace P6bNative.Kernels.Tests;

public sealed class ReferenceTests
{
    /// <summary>Values of erf to 16 digits (Abramowitz and Stegun, table 7.1, and its extensions).</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 0.1124629160182849)]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(-1, -0.8427007929497149)]
    [InlineData(2, 0.9953222650189527)]
    [InlineData(3, 0.9999779095030014)]
    [InlineData(7, 1)]
    [InlineData(double.NegativeInfinity, -1)]
    [InlineData(double.NaN, double.NaN)]
    public void Erf_agrees_with_the_tables(double x, double expected) => Assert.Equal(expected, ReferenceOperations.Erf(x), 2e-15);

    [Fact]
    public void Live_buffers_are_counted_and_disposed_ones_refused()
    {
        using var device = new ReferenceDevice();
        Devices.Buffer first = device.Allocate(3), second = device.Allocate(5);
        Assert.Equal(8 * sizeof(double), device.AllocatedBytes);
        first.Dispose();
        first.Dispose();
        Assert.Equal(5 * sizeof(double), device.AllocatedBytes);
        Assert.Throws<ObjectDisposedException>(() => device.Download(first.All, new double[3]));
        Assert.Throws<ArgumentException>(() => device.Download(second.All, new double[3]));
    }
}
