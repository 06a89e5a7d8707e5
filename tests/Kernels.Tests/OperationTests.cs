using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests;

/// <summary>Every device of <see cref="TestDevices"/> against every row of <see cref="OperationCases"/>.</summary>
public sealed class OperationTests
{
    private const int Seeds = 24;

    private static readonly ConcurrentDictionary<(string Case, int Seed), List<double[]>> References = [];

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
    public void Agrees_with_the_reference(string caseName, string deviceName)
    {
        OperationCase row = OperationCases.Named(caseName);
        Device device = TestDevices.Named(deviceName).Device;
        for (int seed = 0; seed < Seeds; seed++)
        {
            List<double[]> expected = Reference(row, seed), actual = Run(row, device, seed);
            for (int i = 0; i < expected.Count; i++)
            {
                double error = NormalisedError(expected[i], actual[i]);
                Assert.True(error <= row.Tolerance, $"{caseName} on {deviceName}, seed {seed}: NMSE of output {i} is {error:g3}, not {row.Tolerance:g1}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(CasesAndDevices))]
    public void Has_the_same_bits_for_any_vector_width_and_thread_count(string caseName, string deviceName)
    {
        OperationCase row = OperationCases.Named(caseName);
        TestDevice device = TestDevices.Named(deviceName), first = TestDevices.All.First(d => d.Family == device.Family);
        for (int seed = 0; seed < Seeds; seed++)
        {
            List<double[]> expected = Run(row, first.Device, seed), actual = Run(row, device.Device, seed);
            for (int i = 0; i < expected.Count; i++)
                Assert.True(SameBits(expected[i], actual[i]), $"{caseName}, seed {seed}: output {i} on {deviceName} is not that on {first.Name}.");
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

    private static List<double[]> Reference(OperationCase row, int seed) => References.GetOrAdd((row.Name, seed), _ =>
    {
        using var reference = new ReferenceDevice();
        return Run(row, reference, seed);
    });

    private static List<double[]> Run(OperationCase row, Device device, int seed)
    {
        using var data = new CaseData(device, seed);
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
