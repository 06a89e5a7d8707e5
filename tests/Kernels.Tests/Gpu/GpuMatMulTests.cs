using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Gpu;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests.Gpu;

/// <summary>Both ways to multiply on a device, every tile and both kinds of access, whatever the device would choose.</summary>
[Collection(nameof(OperationTests))]
public sealed class GpuMatMulTests
{
    private static readonly MatMulForm[] Forms = [MatMulForm.NN, MatMulForm.NT, MatMulForm.TN];

    public static TheoryData<int, int, int> Plans()
    {
        var data = new TheoryData<int, int, int>();
        foreach (MatMulPlan plan in MatMulPlan.All)
        {
            data.Add(plan.TileRows, plan.TileColumns, 1);
            data.Add(plan.TileRows, plan.TileColumns, 3);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void Every_tile_multiplies_rightly_split_or_not(int tileRows, int tileColumns, int splits)
    {
        MatMulPlan plan = MatMulPlan.All.Single(p => p.TileRows == tileRows && p.TileColumns == tileColumns) with { Splits = splits };
        foreach (TestDevice tested in TestDevices.Gpu)
        {
            var operations = Assert.IsType<GpuOperations>(tested.Device.Operations);
            bool packed = operations.UsePackedPanels;
            (operations.UsePackedPanels, operations.MatMulPlan) = (false, plan);
            try
            {
                foreach (MatMulForm form in Forms)
                    Check(tested.Device, form, plan);
            }
            finally
            {
                (operations.UsePackedPanels, operations.MatMulPlan) = (packed, null);
            }
        }
    }

    /// <summary>The tiles of narrow, usual and wide vector registers; two strips and two groups of rows.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Packed_panels_multiply_rightly_over_several_blocks(int vectorWidth)
    {
        PackedMatMulPlan plan = PackedMatMulPlan.Tile(vectorWidth);
        plan = plan with { StripColumns = 3 * plan.StripColumns, GroupRows = 17 * plan.TileRows };
        foreach (TestDevice tested in TestDevices.Gpu.Where(tested => tested.Device is GpuDevice { IsProcessor: true }))
        {
            var operations = Assert.IsType<GpuOperations>(tested.Device.Operations);
            operations.PackedMatMulPlan = plan;
            try
            {
                foreach (MatMulForm form in Forms)
                {
                    Check(tested.Device, form, 2 * plan.GroupRows, 2 * plan.StripColumns, 2 * plan.BlockDepth, aligned: true, seed: 1);
                    Check(tested.Device, form, plan.GroupRows + 5, plan.StripColumns + 37, plan.BlockDepth + 29, aligned: false, seed: 2);
                    Check(tested.Device, form, 3, 7, 5, aligned: false, seed: 3);
                }
            }
            finally
            {
                operations.PackedMatMulPlan = null;
            }
        }
    }

    private static void Check(Device device, MatMulForm form, MatMulPlan plan)
    {
        // One tile and a bit, so that edges are met on every side; a depth that ends inside a tile.
        Check(device, form, plan.TileRows + 4, plan.TileColumns + 8, 5 * plan.TileDepth + 4, aligned: true, seed: 1);
        Check(device, form, plan.TileRows + 3, plan.TileColumns + 5, 3 * plan.TileDepth + 1, aligned: false, seed: 2);
        Check(device, form, 2 * plan.TileRows, plan.TileColumns, 2 * plan.TileDepth, aligned: true, seed: 3);
        Check(device, form, 1, 1, 1, aligned: false, seed: 4);
        if (form == MatMulForm.TN)
            CheckWeightGradient(device, plan);
    }

    private static void CheckWeightGradient(Device device, MatMulPlan plan)
    {
        List<double[]> expected = Run(TestDevices.Reference.Device), actual = Run(device);
        for (int i = 0; i < expected.Count; i++)
            Assert.True(Nmse(expected[i], actual[i]) <= 1e-10, $"Weight gradient {plan}, output {i}");

        List<double[]> Run(Device on)
        {
            using var data = new CaseData(on, seed: 5);
            MatrixView dY = data.StridedInput(3 * plan.TileDepth + 1, plan.TileRows + 3), x = data.StridedInput(dY.Rows, plan.TileColumns + 5);
            MatrixView dWeight = data.StridedOutput(dY.Columns, x.Columns);
            View dBias = data.OutputVector(dY.Columns);
            on.Operations.LinearWeightGradient(dY, x, dWeight, accumulateWeight: true, dBias, accumulateBias: true);
            data.AssertNothingElseChanged();
            return data.Results();
        }
    }

    private static double Nmse(double[] expected, double[] actual) =>
        expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum() / expected.Sum(e => e * e);

    private static void Check(Device device, MatMulForm form, int m, int n, int k, bool aligned, int seed)
    {
        List<double[]> expected = Run(TestDevices.Reference.Device, form, m, n, k, aligned, seed), actual = Run(device, form, m, n, k, aligned, seed);
        double error = Nmse(expected[0], actual[0]);
        Assert.True(error <= 1e-10, $"{form} {m}x{n}x{k}, aligned {aligned}: NMSE {error:g3}");
    }

    private static List<double[]> Run(Device device, MatMulForm form, int m, int n, int k, bool aligned, int seed)
    {
        using var data = new CaseData(device, seed) { IsAligned = aligned };
        MatrixView a = form == MatMulForm.TN ? data.StridedInput(k, m) : data.StridedInput(m, k);
        MatrixView b = form == MatMulForm.NT ? data.StridedInput(n, k) : data.StridedInput(k, n);
        MatrixView c = data.StridedOutput(m, n);
        View bias = seed % 2 == 0 ? default : data.InputVector(n);
        device.Operations.MatMul(form, a, b, c, bias, accumulate: seed % 3 == 0);
        data.AssertNothingElseChanged();
        return data.Results();
    }
}
