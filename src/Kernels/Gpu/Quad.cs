using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// Four neighbouring floats in a kernel: one access of 16 bytes where the host says that addresses allow it (<c>vector</c> other than 0),
/// else one access an element. Arithmetic is per component.
/// </summary>
internal static class Quad
{
    /// <summary>Elements at .. at + 3; those from <paramref name="valid"/> (at least 1) on are not read: they are <paramref name="fill"/>.</summary>
    public static Float4 LoadOr(ArrayView<float> source, int vector, int at, int valid, float fill)
    {
        if (vector != 0 && valid >= 4)
            return source.Cast<Float4>()[at / 4];
        float y = fill, z = fill, w = fill;
        if (valid > 1)
            y = source[at + 1];
        if (valid > 2)
            z = source[at + 2];
        if (valid > 3)
            w = source[at + 3];
        return new Float4(source[at], y, z, w);
    }

    /// <summary>Elements at .. at + 3 of which <paramref name="valid"/> (at least 1) exist; 0 for the others.</summary>
    public static Float4 Load(ArrayView<float> source, int vector, int at, int valid) => LoadOr(source, vector, at, valid, 0f);

    /// <summary>Columns column .. column + 3 of a row; 0 outside of the matrix.</summary>
    public static Float4 LoadInside(ArrayView<float> matrix, int vector, int stride, int row, int rows, int column, int columns)
    {
        if (row < rows && column < columns)
            return Load(matrix, vector, row * stride + column, columns - column);
        return new Float4(0f, 0f, 0f, 0f);
    }

    /// <summary>Writes the first <paramref name="valid"/> (at least 1) components.</summary>
    public static void Store(ArrayView<float> destination, int vector, int at, int valid, Float4 value)
    {
        if (vector != 0 && valid >= 4)
        {
            destination.Cast<Float4>()[at / 4] = value;
            return;
        }

        destination[at] = value.X;
        if (valid > 1)
            destination[at + 1] = value.Y;
        if (valid > 2)
            destination[at + 2] = value.Z;
        if (valid > 3)
            destination[at + 3] = value.W;
    }

    /// <summary>Writes, or adds when <paramref name="accumulate"/> is not 0.</summary>
    public static void Put(ArrayView<float> destination, int vector, int at, int valid, Float4 value, int accumulate)
    {
        if (accumulate != 0)
            value = Add(Load(destination, vector, at, valid), value);
        Store(destination, vector, at, valid, value);
    }

    public static Float4 Add(Float4 a, Float4 b) => new Float4(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    public static Float4 Subtract(Float4 a, Float4 b) => new Float4(a.X - b.X, a.Y - b.Y, a.Z - b.Z, a.W - b.W);

    public static Float4 Multiply(Float4 a, Float4 b) => new Float4(a.X * b.X, a.Y * b.Y, a.Z * b.Z, a.W * b.W);

    public static Float4 Scale(Float4 a, float factor) => new Float4(a.X * factor, a.Y * factor, a.Z * factor, a.W * factor);

    /// <summary>a·b + c with one rounding.</summary>
    public static Float4 Fma(Float4 a, Float4 b, Float4 c) =>
        new Float4(XMath.Fma(a.X, b.X, c.X), XMath.Fma(a.Y, b.Y, c.Y), XMath.Fma(a.Z, b.Z, c.Z), XMath.Fma(a.W, b.W, c.W));

    /// <summary>factor·b + c with one rounding.</summary>
    public static Float4 ScaledAdd(float factor, Float4 b, Float4 c) =>
        new Float4(XMath.Fma(factor, b.X, c.X), XMath.Fma(factor, b.Y, c.Y), XMath.Fma(factor, b.Z, c.Z), XMath.Fma(factor, b.W, c.W));

    /// <summary>The sum of the components.</summary>
    public static float Sum(Float4 a) => (a.X + a.Y) + (a.Z + a.W);

    /// <summary>What rounding took from sum = a + b (Knuth 1969): a + b = sum + error exactly.</summary>
    public static Float4 SumError(Float4 a, Float4 b, Float4 sum)
    {
        Float4 fromB = Subtract(sum, a);
        return Add(Subtract(a, Subtract(sum, fromB)), Subtract(b, fromB));
    }
}

/// <summary>Where a quad lies in a matrix.</summary>
internal struct QuadPlace
{
    public int Row;

    /// <summary>The first of its columns.</summary>
    public int Column;

    /// <summary>Columns of the matrix from there on, at least 1.</summary>
    public int Valid;

    /// <summary>
    /// The quad of this work item, where groups of 256 give each quad of a matrix, row by row, an item. Items behind the last have a row that
    /// the matrix lacks.
    /// </summary>
    public static QuadPlace OfItem(int columns)
    {
        int item = Grid.IdxX * 256 + Group.IdxX;
        int quads = (columns + 3) / 4;
        int row = item / quads, column = 4 * (item - row * quads);
        return new QuadPlace { Row = row, Column = column, Valid = columns - column };
    }
}
