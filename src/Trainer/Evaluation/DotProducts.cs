using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace P6bNative.Trainer.Evaluation;

/// <summary>C -= A·Bᵀ in double precision, several dot products at once: each number read from the cache serves three or four of them.</summary>
internal static class DotProducts
{
    private const int TileRows = 3;
    private const int TileColumns = 4;

    // A tile's rows stay in the first-level cache, a block's in the second.
    private const int RunLength = 512;

    /// <summary>Subtracts the products.</summary>
    /// <param name="a">A [rows, length], its columns one behind the other.</param>
    /// <param name="rows">Rows of A.</param>
    /// <param name="b">B [columns, length], its columns one behind the other.</param>
    /// <param name="columns">Rows of B.</param>
    /// <param name="length">Length of a dot product; 0 changes nothing.</param>
    /// <param name="c">C [rows, columns], written; it may share an array with A or B but no element.</param>
    public static void Subtract(StridedMatrix a, int rows, StridedMatrix b, int columns, int length, StridedMatrix c)
    {
        for (int k = 0; k < length; k += RunLength)
        {
            int run = Math.Min(RunLength, length - k);
            for (int row = 0; row < rows; row += TileRows)
            {
                for (int column = 0; column < columns; column += TileColumns)
                {
                    StridedMatrix left = a.At(row, k), right = b.At(column, k), result = c.At(row, column);
                    if (row + TileRows <= rows && column + TileColumns <= columns)
                        SubtractTile(left, right, run, result);
                    else
                        SubtractRest(left, Math.Min(TileRows, rows - row), right, Math.Min(TileColumns, columns - column), run, result);
                }
            }
        }
    }

    private static void SubtractRest(StridedMatrix a, int rows, StridedMatrix b, int columns, int length, StridedMatrix c)
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
                c.Subtract(i, j, TensorPrimitives.Dot(a.Run(i, length), b.Run(j, length)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SubtractTile(StridedMatrix a, StridedMatrix b, int length, StridedMatrix c)
    {
        ReadOnlySpan<Vector<double>> a0 = Vectors(a.Run(0, length)), a1 = Vectors(a.Run(1, length)), a2 = Vectors(a.Run(2, length));
        ReadOnlySpan<Vector<double>> b0 = Vectors(b.Run(0, length)), b1 = Vectors(b.Run(1, length));
        ReadOnlySpan<Vector<double>> b2 = Vectors(b.Run(2, length)), b3 = Vectors(b.Run(3, length));
        Vector<double> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector<double> s10 = default, s11 = default, s12 = default, s13 = default;
        Vector<double> s20 = default, s21 = default, s22 = default, s23 = default;
        for (int k = 0; k < a0.Length && k < a1.Length && k < a2.Length && k < b0.Length && k < b1.Length && k < b2.Length && k < b3.Length; k++)
        {
            Vector<double> x = a0[k], y = a1[k], z = a2[k], w = b0[k];
            s00 = Vector.FusedMultiplyAdd(x, w, s00);
            s10 = Vector.FusedMultiplyAdd(y, w, s10);
            s20 = Vector.FusedMultiplyAdd(z, w, s20);
            w = b1[k];
            s01 = Vector.FusedMultiplyAdd(x, w, s01);
            s11 = Vector.FusedMultiplyAdd(y, w, s11);
            s21 = Vector.FusedMultiplyAdd(z, w, s21);
            w = b2[k];
            s02 = Vector.FusedMultiplyAdd(x, w, s02);
            s12 = Vector.FusedMultiplyAdd(y, w, s12);
            s22 = Vector.FusedMultiplyAdd(z, w, s22);
            w = b3[k];
            s03 = Vector.FusedMultiplyAdd(x, w, s03);
            s13 = Vector.FusedMultiplyAdd(y, w, s13);
            s23 = Vector.FusedMultiplyAdd(z, w, s23);
        }

        int rest = length % Vector<double>.Count;
        c.Subtract(0, 0, Vector.Sum(s00));
        c.Subtract(0, 1, Vector.Sum(s01));
        c.Subtract(0, 2, Vector.Sum(s02));
        c.Subtract(0, 3, Vector.Sum(s03));
        c.Subtract(1, 0, Vector.Sum(s10));
        c.Subtract(1, 1, Vector.Sum(s11));
        c.Subtract(1, 2, Vector.Sum(s12));
        c.Subtract(1, 3, Vector.Sum(s13));
        c.Subtract(2, 0, Vector.Sum(s20));
        c.Subtract(2, 1, Vector.Sum(s21));
        c.Subtract(2, 2, Vector.Sum(s22));
        c.Subtract(2, 3, Vector.Sum(s23));
        if (rest > 0)
            SubtractRest(a.At(0, length - rest), TileRows, b.At(0, length - rest), TileColumns, rest, c);
    }

    private static ReadOnlySpan<Vector<double>> Vectors(ReadOnlySpan<double> numbers) => MemoryMarshal.Cast<double, Vector<double>>(numbers);
}
