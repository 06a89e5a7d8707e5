namespace P6bNative.Autograd;

/// <summary>
/// Places blocks with known lifetimes into one allocation: the largest first, each at the lowest offset that no placed block with an
/// overlapping lifetime covers ("greedy by size", Pisarchyk and Lee 2020).
/// </summary>
internal static class ArenaPlan
{
    /// <summary>Offsets are multiples of this many elements: one 64-byte cache line of floats.</summary>
    public const long Alignment = 16;

    /// <summary>Sets the offset of every block and returns the length of the arena.</summary>
    public static long Place(IEnumerable<Block> blocks)
    {
        var placed = new List<Block>();
        long total = 0;
        foreach (Block block in blocks.Distinct().OrderByDescending(b => b.Length).ThenBy(b => b.Start))
        {
            block.Offset = LowestFreeOffset(block, placed);
            total = Math.Max(total, block.Offset + Align(block.Length));
            placed.Insert(InsertionPoint(placed, block.Offset), block);
        }

        return total;
    }

    private static long LowestFreeOffset(Block block, List<Block> placedByOffset)
    {
        long offset = 0;
        foreach (Block other in placedByOffset)
        {
            if (!block.LivesWith(other))
                continue;
            if (offset + block.Length <= other.Offset)
                break;
            offset = Math.Max(offset, Align(other.Offset + other.Length));
        }

        return offset;
    }

    private static int InsertionPoint(List<Block> placedByOffset, long offset)
    {
        int index = placedByOffset.FindIndex(b => b.Offset > offset);
        return index < 0 ? placedByOffset.Count : index;
    }

    private static long Align(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
