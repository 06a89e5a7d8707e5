using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Kernels.Tests.Gpu;

namespace P6bNative.Kernels.Tests;

/// <summary>Every device of <see cref="TestDevices"/> against every row of <see cref="OperationCases"/>.</summary>
[Collection(nameof(OperationTests))]
public sealed class OperationTests
{
    private const int Seeds = 24;

    private static readonly ConcurrentDictionary<(string Case, string Device, int Seed), List<double[]>> Known = [];

    public static TheoryData<string, string> CasesAndDevices()
    {
        var data = new TheoryData<string, string>();
        foreach (OperationCase row in OperationCases.All)
        {
            foreach (TestDevice device in TestDevices.All)
                data.Add(row.Name, device.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(CasesAndDevices))]
    public void Agrees_with_the_reference_and_bit_for_bit_with_its_family(string caseName, string deviceName)
    {
        OperationCase row = OperationCases.Named(caseName);
        TestDevice device = TestDevices.Named(deviceName), first = TestDevices.All.First(d => d.Family == device.Family);
        for (int seed = 0; seed < Seeds; seed++)
        {
            List<double[]> expected = Expected(row, TestDevices.Reference, seed), same = Expected(row, first, seed);
            List<double[]> actual = device == first ? same : Run(row, device.Device, seed);
            for (int i = 0; i < expected.Count; i++)
            {
                double error = NormalisedError(expected[i], actual[i]);
                string output = $"{caseName}, seed {seed}, output {i} on {deviceName}";
                Assert.True(error <= row.Tolerance, $"{output}: NMSE against the reference is {error:g3}, not {row.Tolerance:g1}.");
                Assert.True(SameBits(same[i], actual[i]), $"{output} has other bits than on {first.Name}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(CasesAndDevices))]
    public void Allocates_nothing_after_the_first_call(string caseName, string deviceName)
    {
        OperationCase row = OperationCases.Named(caseName);
        Device device = TestDevices.Named(deviceName).Device;
        using var data = new CaseData(device, seed: 1);
        Action<IOperations> call = row.Prepare(data);
        IOperations operations = device.Operations;
        call(operations);

        // The counter covers all threads, so that workers are seen; the least of a few tries leaves out what the test runner allocates.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 20 && least > 0; attempt++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            call(operations);
            device.Synchronize();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.Equal(0, least);
    }

    public static TheoryData<string> GpuNames() => GpuDevices.Names();

    [Theory]
    [MemberData(nameof(GpuNames))]
    public void The_table_runs_on_every_gpu_device_or_says_that_there_is_none(string name)
    {
        GpuDevices.Open(name).Dispose();
        Assert.Contains(TestDevices.Gpu, device => device.Name == name);
    }

    public static TheoryData<string> Cases() => [.. OperationCases.All.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gives_the_same_bits_when_it_runs_again(string caseName)
    {
        OperationCase row = OperationCases.Named(caseName);
        foreach (TestDevice device in TestDevices.Gpu)
        {
            for (int seed = 3; seed < Seeds; seed += 4)
            {
                List<double[]> first = Expected(row, device, seed), second = Run(row, device.Device, seed);
                Assert.All(first.Zip(second), pair => Assert.True(SameBits(pair.First, pair.Second), $"{caseName}, seed {seed} on {device.Name}"));
            }
        }
    }

    private static List<double[]> Expected(OperationCase row, TestDevice device, int seed) =>
        Known.GetOrAdd((row.Name, device.Name, seed), _ => Run(row, device.Device, seed));

    private static List<double[]> Run(OperationCase row, Device device, int seed)
    {
        using var data = new CaseData(device, seed) { IsAligned = seed % 4 == 2 };
        row.Prepare(data)(device.Operations);
        data.AssertNothingElseChanged();
        return data.Results();
    }

    private static bool SameBits(double[] expected, double[] actual) =>
        MemoryMarshal.AsBytes<double>(expected).SequenceEqual(MemoryMarshal.AsBytes<double>(actual));

    private static double NormalisedError(double[] expected, double[] actual)
    {
        double error = 0, power = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            error += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            power += expected[i] * expected[i];
        }

        return error == 0 ? 0 : error / power;
    }
}

/// <summary>Alone on the machine: one test counts the allocations of all threads.</summary>
[CollectionDefinition(nameof(OperationTests), DisableParallelization = true)]
public sealed class OperationTestsAlone;
