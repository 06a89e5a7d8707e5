using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class CatalogTests
{
    private static readonly string[] Families = ["cuda", "opencl"];

    [Fact]
    public void Each_family_lists_its_devices_or_says_why_there_is_none()
    {
        IReadOnlyList<DeviceEntry> entries = DeviceCatalog.List();
        foreach (string family in Families)
        {
            DeviceEntry[] own = [.. entries.Where(entry => entry.Name.Split(':')[0] == family)];
            Assert.NotEmpty(own);
            Assert.All(own, entry => Assert.Equal(entry.IsAvailable, entry.Obstacle.Length == 0));
            Assert.All(own.Where(entry => entry.IsAvailable), entry =>
            {
                Assert.InRange(entry.Memory, 1 << 20, long.MaxValue);
                Assert.NotEmpty(entry.Driver);
            });
        }
        Assert.Equal(entries.Select(entry => entry.Name).Distinct(), entries.Select(entry => entry.Name));
        Assert.DoesNotContain(entries.SkipWhile(entry => entry.IsAvailable), entry => entry.IsAvailable);
    }

    [Fact]
    public void Auto_is_a_card_or_the_host_and_never_a_processor_by_OpenCL()
    {
        using Device device = DeviceCatalog.Open("auto", threads: 1);
        Assert.True(device is HostDevice or GpuDevice { IsProcessor: false }, device.Description);
        bool hasCuda = DeviceCatalog.List().Any(entry => entry.IsAvailable && entry.Name.StartsWith("cuda", StringComparison.Ordinal));
        Assert.Equal(hasCuda, device is CudaDevice);
    }

    [Theory]
    [InlineData("opencl:99")]
    [InlineData("opencl:-1")]
    [InlineData("opencl:x")]
    [InlineData("opencl:0:0")]
    [InlineData("opencl:")]
    [InlineData("cuda:99")]
    [InlineData("metal")]
    [InlineData("")]
    public void A_device_that_is_not_there_is_refused_with_the_usable_ones(string name)
    {
        string message = Assert.Throws<ArgumentException>(() => DeviceCatalog.Open(name)).Message;
        Assert.Contains($"'{name}'", message, StringComparison.Ordinal);
        Assert.Matches("use auto, .*host", message);
    }

    [Theory]
    [MemberData(nameof(GpuDevices.Names), MemberType = typeof(GpuDevices))]
    public void A_family_alone_means_its_first_device(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        Assert.Equal(name, device.Name);
        using Device first = DeviceCatalog.Open(name.Split(':')[0]);
        Assert.Equal(name.Split(':')[0] + ":0", first.Name);
    }
}
