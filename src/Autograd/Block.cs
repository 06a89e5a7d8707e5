using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd;

/// <summary>A piece of the arena: its length, the steps of the timeline at which it holds something, and the place it was given.</summary>
/// <param name="length">Number of elements.</param>
internal sealed class Block(long length)
{
    /// <summary>Number of elements.</summary>
    public long Length { get; } = length;

    /// <summary>First step at which it holds something.</summary>
    public int Start { get; private set; } = int.MaxValue;

    /// <summary>Last step at which it is used; below <see cref="Start"/> for a block that is never used.</summary>
    public int End { get; private set; } = -1;

    /// <summary>First element in the arena, set by <see cref="ArenaPlan"/>.</summary>
    public long Offset { get; set; }

    /// <summary>Extends the life of the block to a step.</summary>
    public void LiveAt(int step)
    {
        Start = Math.Min(Start, step);
        End = Math.Max(End, step);
    }

    /// <summary>Takes over the life of a block that shares this memory from now on.</summary>
    public void Absorb(Block other)
    {
        LiveAt(other.Start);
        LiveAt(other.End);
    }

    /// <summary>True where both hold something at the same step.</summary>
    public bool LivesWith(Block other) => Start <= other.End && other.Start <= End;

    /// <summary>The elements inside the arena's buffer.</summary>
    public View In(Kernels.Devices.Buffer arena) => new(arena, Offset, Length);
}
