namespace P6bNative.Kernels.Gpu;

/// <summary>How a product is shared out on a processor; see <see cref="PackedMatMulKernels"/>.</summary>
/// <param name="TileRows">Rows of a tile: 4, 6 or 8.</param>
/// <param name="TileVectors">Columns of a tile in sixteens.</param>
/// <param name="BlockDepth">Depth of a packed panel.</param>
/// <param name="StripColumns">Columns of a group: whole panels.</param>
/// <param name="GroupRows">Rows of a group: whole tiles.</param>
internal readonly record struct PackedMatMulPlan(int TileRows, int TileVectors, int BlockDepth, int StripColumns, int GroupRows)
{
    private const int WidestStrip = 512, GroupsPerUnit = 2;

    /// <summary>Multiplications below which another group costs more than it saves.</summary>
    private const long MultiplicationsPerGroup = 100_000;

    /// <summary>Reading an element of A once more, beside packing an element of B once more.</summary>
    private const double CostOfReading = 0.4;

    /// <summary>Floats of scratch of a group: bias, panels, and tiles of A with their padding.</summary>
    public int GroupScratch =>
        (BlockDepth + 1) * StripColumns + PackedMatMulKernels.BlockRows / TileRows * (BlockDepth * TileRows + 16);

    /// <summary>
    /// The tile that fills the vector registers, unshared. With 8 floats a panel of depth 512 (32 KiB) comes from the second-level cache, and
    /// still beats one of 344 that stays in the first by 3-8 %: sums go to C and back less often.
    /// </summary>
    /// <param name="vectorWidth">Floats of a vector register: with 16 there are 32 registers, with 8 there are 16.</param>
    public static PackedMatMulPlan Tile(int vectorWidth) => vectorWidth switch
    {
        >= 16 => new PackedMatMulPlan(8, 3, 160, 48, 8),
        >= 8 => new PackedMatMulPlan(6, 1, 512, 16, 6),
        _ => new PackedMatMulPlan(4, 1, 344, 16, 4),
    };

    /// <summary>The plan for a result [m,n]: about two groups a core, shared out by columns and rows so that the least is read and packed twice.</summary>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Length of the sums.</param>
    /// <param name="computeUnits">Processor cores.</param>
    /// <param name="vectorWidth">Floats of a vector register.</param>
    public static PackedMatMulPlan For(int m, int n, int k, int computeUnits, int vectorWidth)
    {
        PackedMatMulPlan tile = Tile(vectorWidth), best = tile;
        int panel = 16 * tile.TileVectors;
        int wanted = (int)Math.Clamp((long)m * n * k / MultiplicationsPerGroup, 1, GroupsPerUnit * computeUnits);
        double least = double.PositiveInfinity;
        for (int strips = (n + WidestStrip - 1) / WidestStrip; strips <= Math.Max(wanted, (n + WidestStrip - 1) / WidestStrip); strips++)
        {
            int columns = RoundUp((n + strips - 1) / strips, panel), across = (n + columns - 1) / columns;
            int rows = RoundUp((m + (wanted + across - 1) / across - 1) / ((wanted + across - 1) / across), tile.TileRows);
            double cost = CostOfReading * m * across + (double)n * ((m + rows - 1) / rows);
            if (cost < least)
                (best, least) = (tile with { StripColumns = columns, GroupRows = rows }, cost);
        }

        return best;
    }

    private static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;
}
