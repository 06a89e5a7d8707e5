using P6bNative.Kernels.Gpu;

namespace P6bNative.Kernels.Tests.Gpu;

public sealed class PackedMatMulPlanTests
{
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Strips_and_groups_are_whole_tiles_and_cover_the_result(int vectorWidth)
    {
        var random = new Random(vectorWidth);
        for (int i = 0; i < 500; i++)
        {
            (int m, int n, int k, int units) = (random.Next(1, 2000), random.Next(1, 3000), random.Next(1, 3000), 1 << random.Next(8));
            PackedMatMulPlan plan = PackedMatMulPlan.For(m, n, k, units, vectorWidth);
            Assert.Equal(0, plan.StripColumns % (16 * plan.TileVectors));
            Assert.Equal(0, plan.GroupRows % plan.TileRows);
            Assert.InRange(plan.StripColumns, 16, 560);
            Assert.InRange(plan.GroupRows, plan.TileRows, m + plan.TileRows);
            Assert.Equal(0, plan.GroupScratch % 16);
        }
    }

    [Theory]
    [InlineData(1024, 1024, 1024, 2)]
    [InlineData(160, 512, 512, 2)]
    [InlineData(512, 512, 160, 2)]
    [InlineData(160, 512, 2048, 16)]
    public void Every_core_gets_work(int m, int n, int k, int units)
    {
        PackedMatMulPlan plan = PackedMatMulPlan.For(m, n, k, units, vectorWidth: 8);
        int groups = ((n + plan.StripColumns - 1) / plan.StripColumns) * ((m + plan.GroupRows - 1) / plan.GroupRows);
        Assert.InRange(groups, units, 4 * units);
    }

    [Fact]
    public void A_small_product_is_not_shared_out()
    {
        PackedMatMulPlan plan = PackedMatMulPlan.For(20, 40, 60, computeUnits: 8, vectorWidth: 8);
        Assert.True(plan.StripColumns >= 40 && plan.GroupRows >= 20, $"{plan}");
    }
}
