namespace P6bNative.Kernels.Gpu;

/// <summary>
/// How a product runs on a graphics card: tiles of the result, one group of 256 each, and how many groups share the sums of a tile.
/// </summary>
/// <param name="TileRows">Rows of a tile: a multiple of 32.</param>
/// <param name="TileColumns">Columns of a tile: a multiple of <paramref name="WarpColumns"/>.</param>
/// <param name="TileDepth">Length of the sums between two barriers.</param>
/// <param name="WarpColumns">Columns of the 32-row part of a tile that 32 work items compute together: 32 or 64.</param>
/// <param name="Splits">Groups that share the sums of a tile; above 1 a second launch adds their parts.</param>
internal readonly record struct MatMulPlan(int TileRows, int TileColumns, int TileDepth, int WarpColumns, int Splits)
{
    /// <summary>
    /// Tiles from the largest, with the share of a compute unit's peak that one group a unit can reach. Small tiles keep all 256 work items
    /// busy by sharing the sums inside the group; what is left to lose is the traffic of loading them.
    /// </summary>
    private static readonly (MatMulPlan Plan, double Efficiency)[] Tiles =
    [
        (new MatMulPlan(128, 128, 8, 64, 1), 1.0),
        (new MatMulPlan(128, 64, 16, 32, 1), 0.9),
        (new MatMulPlan(64, 64, 16, 32, 1), 0.8),
        (new MatMulPlan(32, 64, 32, 32, 1), 0.6),
        (new MatMulPlan(32, 32, 32, 32, 1), 0.5),
    ];

    // In cycles of a compute unit that does 128 multiply-adds a cycle and moves about 16 bytes a cycle to or from memory.
    private const double FixedCycles = 1_500, SecondLaunchCycles = 10_000, MultiplyAddsPerCycle = 128, BytesPerCycle = 16;

    private const int MostSplits = 16;

    /// <summary>All tiles, unsplit.</summary>
    public static IEnumerable<MatMulPlan> All => Tiles.Select(tile => tile.Plan);

    /// <summary>The plan with the least estimated time.</summary>
    /// <param name="m">Rows of the result.</param>
    /// <param name="n">Columns of the result.</param>
    /// <param name="k">Length of the sums.</param>
    /// <param name="computeUnits">Groups that the device runs at full speed side by side.</param>
    public static MatMulPlan For(int m, int n, int k, int computeUnits)
    {
        (MatMulPlan best, double least) = (default, double.PositiveInfinity);
        foreach ((MatMulPlan tile, double efficiency) in Tiles)
        {
            for (int splits = 1; splits <= MostSplits; splits++)
            {
                MatMulPlan plan = tile with { Splits = splits };
                double cycles = plan.Cycles(m, n, k, computeUnits, efficiency);
                if (cycles < least)
                    (best, least) = (plan, cycles);
            }
        }

        return best with { Splits = (k + best.Chunk(k) - 1) / best.Chunk(k) };
    }

    /// <summary>Length of the sums of one split: whole tile depths.</summary>
    public int Chunk(int k) => (k + Splits * TileDepth - 1) / (Splits * TileDepth) * TileDepth;

    private double Cycles(int m, int n, int k, int computeUnits, double efficiency)
    {
        long groups = (long)((m + TileRows - 1) / TileRows) * ((n + TileColumns - 1) / TileColumns) * Splits;
        long groupsPerUnit = (groups + computeUnits - 1) / computeUnits;
        double cycles = FixedCycles + groupsPerUnit * (double)TileRows * TileColumns * Chunk(k) / (MultiplyAddsPerCycle * efficiency);
        if (Splits > 1)
            cycles += SecondLaunchCycles + 2.0 * sizeof(float) * m * n * Splits / (BytesPerCycle * computeUnits);
        return cycles;
    }
}
