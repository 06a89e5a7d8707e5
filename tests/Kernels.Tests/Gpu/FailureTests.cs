using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class FailureTests
{
    public static TheoryData<string> Devices() => GpuDevices.Names();

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_text_that_does_not_compile_is_reported_with_the_compilers_words(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        KernelProgram program = ProbeKernels.Program("Broken", "KERNEL void Bad(GLOBAL float *y_memory, int64 y_offset) { y_memory[0] = undeclared; }");
        var kernel = new KernelDescription("Bad", program, 1, [new("y", KernelParameterKind.View)], ["WIDTH"]);
        using Buffer memory = device.Allocate(1);
        string message = Assert.Throws<DeviceException>(() => Launch(device, kernel, memory, 32)).Message;
        Assert.StartsWith(name, message, StringComparison.Ordinal);
        Assert.All(["program Broken", "WIDTH=32", "undeclared"], part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.False(device.IsLost);
        ProbeKernels.LaunchAxpy(device, memory.All, memory.All, 1f);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_kernel_that_the_program_lacks_is_named(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer memory = device.Allocate(1);
        var kernel = new KernelDescription("Missing", ProbeKernels.Axpy.Program, 1, [new("y", KernelParameterKind.View)], []);
        string message = Assert.Throws<DeviceException>(() => Launch(device, kernel, memory)).Message;
        Assert.Contains("Missing", message, StringComparison.Ordinal);
        Assert.Contains("Probe", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void A_launch_that_the_driver_refuses_names_call_kernel_and_device(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer memory = device.Allocate(8);
        KernelDescription tooLarge = ProbeKernels.Groups with { GroupSize = 1 << 20 };
        string message = Assert.Throws<DeviceException>(() => Launch(device, tooLarge, memory)).Message;
        Assert.Contains("Groups", message, StringComparison.Ordinal);
        Assert.Contains(name, message, StringComparison.Ordinal);
        message = Assert.Throws<DeviceException>(() => Refused(device, memory)).Message;
        Assert.Matches("(clEnqueueNDRangeKernel|cuLaunchKernel) of kernel Groups", message);
        Assert.Contains(name, message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Devices))]
    public void Arguments_that_do_not_fit_the_kernel_are_refused(string name)
    {
        using GpuDevice device = GpuDevices.Open(name);
        using Buffer memory = device.Allocate(8);
        Assert.Throws<ArgumentException>(() => Launch(device, ProbeKernels.Axpy, memory));
        Assert.Throws<ArgumentException>(() => Launch(device, ProbeKernels.Fill, memory, 1));
        var number = new KernelDescription("Axpy", ProbeKernels.Axpy.Program, 1, [new("n", KernelParameterKind.Int32)], []);
        Assert.Throws<ArgumentException>(() => Launch(device, number, memory));
        KernelArguments arguments = default;
        arguments.Add(memory.All);
        Assert.Throws<ArgumentOutOfRangeException>(() => device.Launch(ProbeKernels.Groups, new LaunchSize(4, 0), arguments));
        using var reference = new ReferenceDevice();
        using Buffer foreign = reference.Allocate(8);
        Assert.Throws<ArgumentException>(() => Launch(device, ProbeKernels.Groups, foreign));
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Launch(device, ProbeKernels.Groups, memory));
    }

    // OpenCL refuses a kernel whose arguments are not all set, CUDA a grid of more than 65,535 groups in the second dimension.
    private static void Refused(GpuDevice device, Buffer memory)
    {
        if (device is CudaDevice)
        {
            KernelArguments arguments = default;
            arguments.Add(memory.All);
            device.Launch(ProbeKernels.Groups, new LaunchSize(1, 70_000), arguments);
        }
        else
        {
            device.Launch(ProbeKernels.Groups with { Parameters = [] }, new LaunchSize(1), default);
        }
    }

    private static void Launch(GpuDevice device, KernelDescription kernel, Buffer memory, params int[] constants)
    {
        KernelArguments arguments = default;
        arguments.Add(memory.All);
        foreach (int constant in constants)
            arguments.AddConstant(constant);
        device.Launch(kernel, new LaunchSize(1), arguments);
    }
}
