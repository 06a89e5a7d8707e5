using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>A kernel without barriers that reads words and writes words.</summary>
internal delegate void WordKernel(ArrayView<uint> input, ArrayView<uint> output);

/// <summary>Runs one C# method both ways: as plain C#, work item by work item, and translated, on a device.</summary>
internal static unsafe class KernelRun
{
    /// <summary>As C# on the host.</summary>
    public static uint[] OnHost(WordKernel kernel, uint[] input, int outputLength, int groups, int groupSize)
    {
        uint[] output = new uint[outputLength];
        fixed (uint* first = input, result = output)
        {
            for (int item = 0; item < groups * groupSize; item++)
            {
                Grid.Set(item / groupSize, 0, 0, groups, 1, 1);
                Group.Set(item % groupSize, groupSize);
                kernel(new ArrayView<uint>(first, input.Length), new ArrayView<uint>(result, outputLength));
            }
        }
        return output;
    }

    /// <summary>Translated, on a device.</summary>
    public static uint[] OnDevice(GpuDevice device, KernelDescription kernel, uint[] input, int outputLength, int groups)
    {
        using Buffer source = device.Allocate(input.Length), destination = device.Allocate(outputLength);
        device.Upload(MemoryMarshal.Cast<uint, float>(input), source.All);
        KernelArguments arguments = default;
        arguments.Add(source.All);
        arguments.Add(destination.All);
        device.Launch(kernel, new LaunchSize(groups), in arguments);
        float[] output = new float[outputLength];
        device.Download(destination.All, output);
        return MemoryMarshal.Cast<float, uint>(output).ToArray();
    }

    /// <summary>An OpenCL device; where there is none the test is skipped, or fails if the environment asks for one.</summary>
    public static GpuDevice OpenDevice()
    {
        DeviceEntry? entry = DeviceCatalog.List()
            .FirstOrDefault(entry => entry.IsAvailable && entry.Name.StartsWith("opencl:", StringComparison.Ordinal));
        if (entry is null && !(Environment.GetEnvironmentVariable("P6B_REQUIRE_DEVICE") ?? "").Contains("opencl", StringComparison.Ordinal))
            Assert.Skip("No OpenCL device on this machine: translated kernels were not run, only read.");
        return Assert.IsType<GpuDevice>(DeviceCatalog.Open(entry?.Name ?? "opencl"), exactMatch: false);
    }
}
