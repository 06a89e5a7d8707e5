using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class LaunchTests
{
    public static TheoryData<string> Devices() => GpuDevices.Names();

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_kernel_reads_and_writes_the_elements_of_its_views(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer x = device.Allocate(1000), y = device.Allocate(1000);
        device.Upload(Enumerable.Range(0, 1000).Select(i => (float)i).ToArray(), x.All);
        ProbeKernels.LaunchAxpy(device, y.All.Slice(3, 901), x.All.Slice(7, 901), 2f);
        ProbeKernels.LaunchAxpy(device, y.All.Slice(3, 901), x.All.Slice(7, 901), 1f);
        float[] result = new float[1000];
        device.Download(y.All, result);
        for (int i = 0; i < result.Length; i++)
            Assert.Equal(i is >= 3 and < 904 ? 3f * (i + 4) : 0f, result[i]);
        Assert.Equal(2, device.LaunchCount);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Every_kind_of_argument_arrives_with_all_its_bits(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer memory = device.Allocate(10);
        KernelArguments arguments = default;
        arguments.Add(memory.All.Slice(1, 8));
        arguments.Add(default(View));
        arguments.Add(-5);
        arguments.Add(0xFEDCBA98u);
        arguments.Add(-2L);
        arguments.Add(0xFEDCBA9876543210UL);
        arguments.Add(-0.1f);
        device.Launch(ProbeKernels.Numbers, new LaunchSize(1), arguments);
        float[] floats = new float[10];
        device.Download(memory.All, floats);
        uint[] expected =
            [0, unchecked((uint)-5), 0xFEDCBA98, 0xFFFFFFFE, 0xFFFFFFFF, 0x76543210, 0xFEDCBA98, BitConverter.SingleToUInt32Bits(-0.1f), 1, 0];
        Assert.Equal(expected, floats.Select(BitConverter.SingleToUInt32Bits));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_grid_has_three_dimensions(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer memory = device.Allocate(2 * 3 * 5 * 4);
        KernelArguments arguments = default;
        arguments.Add(memory.All);
        device.Launch(ProbeKernels.Groups, new LaunchSize(5, 3, 2), arguments);
        float[] floats = new float[memory.Length];
        device.Download(memory.All, floats);
        for (int i = 0; i < floats.Length; i++)
            Assert.Equal(1000 * (i / 60) + 100 * (i / 20 % 3) + 10 * (i / 4 % 5) + i % 4, BitConverter.SingleToInt32Bits(floats[i]));
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_kernel_is_compiled_once_for_each_set_of_constants(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer memory = device.Allocate(8);
        float[] values = new float[8];
        foreach ((int first, int second) in ((int, int)[])[(1, 2), (2, 1), (-3, 5), (1, 2)])
        {
            KernelArguments arguments = default;
            arguments.Add(memory.All);
            arguments.AddConstant(first);
            arguments.AddConstant(second);
            device.Launch(ProbeKernels.Fill, new LaunchSize(1), arguments);
            device.Download(memory.All, values);
            Assert.All(values, value => Assert.Equal(first + 0.5f * second, value));
        }
    }
}
