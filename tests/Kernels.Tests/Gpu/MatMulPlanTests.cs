using P6bNative.Kernels.Gpu;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class MatMulPlanTests
{
    private static readonly int[] ModelSizes = [512, 768, 1024, 1536, 2048];

    [Fact]
    public void A_large_product_takes_large_tiles_unsplit() =>
        Assert.Equal((128, 128, 1), Shape(MatMulPlan.For(4096, 4096, 4096, computeUnits: 132)));

    [Fact]
    public void The_models_products_fill_most_of_a_large_card()
    {
        foreach (int rows in new[] { 160, 1280 })
        {
            foreach (int n in ModelSizes)
            {
                foreach (int k in ModelSizes)
                {
                    MatMulPlan plan = MatMulPlan.For(rows, n, k, computeUnits: 132);
                    int groups = Ceiling(rows, plan.TileRows) * Ceiling(n, plan.TileColumns) * plan.Splits;
                    Assert.True(groups >= 80, $"{rows}x{n}x{k}: {groups} groups by {plan}");
                }
            }
        }
    }

    [Fact]
    public void A_few_long_sums_are_split() => Assert.InRange(MatMulPlan.For(32, 512, 8192, computeUnits: 132).Splits, 4, 16);

    [Fact]
    public void Short_sums_are_not_split_since_a_second_launch_costs_more() => Assert.Equal(1, MatMulPlan.For(160, 512, 512, computeUnits: 132).Splits);

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(304)]
    public void Every_plan_covers_the_depth_with_whole_tiles_and_no_empty_split(int computeUnits)
    {
        var random = new Random(computeUnits);
        for (int i = 0; i < 500; i++)
        {
            (int m, int n, int k) = (random.Next(1, 2000), random.Next(1, 2000), random.Next(1, 20_000));
            MatMulPlan plan = MatMulPlan.For(m, n, k, computeUnits);
            Assert.Equal(0, plan.Chunk(k) % plan.TileDepth);
            Assert.True(plan.Splits * plan.Chunk(k) >= k && (plan.Splits - 1) * plan.Chunk(k) < k, $"{m}x{n}x{k}: {plan}");
        }
    }

    /// <summary>What the kernel takes for granted of a tile.</summary>
    [Fact]
    public void Every_tile_fits_the_kernel()
    {
        foreach (MatMulPlan plan in MatMulPlan.All)
        {
            int parts = plan.TileRows * plan.TileColumns / (32 * plan.WarpColumns), slices = 8 / parts;
            Assert.Equal(8, parts * slices);
            Assert.Equal(0, plan.TileDepth % (4 * slices));
            int shared = 2 * plan.TileDepth * (plan.TileRows + plan.TileColumns + 8);
            Assert.InRange(shared * sizeof(float), 0, 32 * 1024);
            Assert.True(slices == 1 || shared >= 128 * plan.WarpColumns, $"{plan}: the slices' sums do not fit its shared memory.");
        }
    }

    private static (int, int, int) Shape(MatMulPlan plan) => (plan.TileRows, plan.TileColumns, plan.Splits);

    private static int Ceiling(int a, int b) => (a + b - 1) / b;
}
