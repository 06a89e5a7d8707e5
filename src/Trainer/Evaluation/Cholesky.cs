using System.Numerics.Tensors;

namespace P6bNative.Trainer.Evaluation;

/// <summary>
/// Solves A·X = B for a symmetric positive definite A = LLᵀ in double precision. Every element is computed in a fixed order, so the
/// result does not depend on the number of threads.
/// </summary>
internal static class Cholesky
{
    private const int BlockSize = 64;
    private const int ColumnsPerStrip = 32;

    /// <summary>Replaces B by A⁻¹B and A by L and, above the diagonal, Lᵀ.</summary>
    /// <param name="a">A [n, n], row by row; only the lower triangle is read.</param>
    /// <param name="n">Rows of A.</param>
    /// <param name="b">B [n, columns], row by row.</param>
    /// <param name="columns">Columns of B.</param>
    /// <param name="threads">0 = one per core.</param>
    /// <param name="stop">Gives up, with A and B half changed.</param>
    /// <returns>False where A is not positive definite or holds a number that is not finite.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was set.</exception>
    public static bool TrySolve(double[] a, int n, double[] b, int columns, int threads, CancellationToken stop = default)
    {
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = threads == 0 ? Environment.ProcessorCount : threads,
            CancellationToken = stop,
        };
        if (!TryFactor(a, n, parallel)) return false;
        Mirror(a, n, parallel);
        int strips = (columns + ColumnsPerStrip - 1) / ColumnsPerStrip;
        Parallel.For(0, strips, parallel, strip =>
        {
            int first = strip * ColumnsPerStrip;
            SolveStrip(a, n, b, columns, first, Math.Min(ColumnsPerStrip, columns - first));
        });
        return true;
    }

    // Block column by block column: subtract what the columns to the left contribute, then factor the block on the diagonal and below it.
    private static bool TryFactor(double[] a, int n, ParallelOptions parallel)
    {
        for (int start = 0; start < n; start += BlockSize)
        {
            int first = start, size = Math.Min(BlockSize, n - start), rowBlocks = (n - start + BlockSize - 1) / BlockSize;
            Parallel.For(0, rowBlocks, parallel, block =>
            {
                int row = first + block * BlockSize;
                SubtractLeft(a, n, row, Math.Min(BlockSize, n - row), first, size);
            });
            for (int i = 0; i < size; i++)
            {
                Span<double> row = a.AsSpan((start + i) * n + start, size);
                SolveRow(a, n, start, row, i);
                double pivot = row[i] - TensorPrimitives.Dot<double>(row[..i], row[..i]);
                if (!(pivot > 0) || !double.IsFinite(pivot)) return false;
                row[i] = Math.Sqrt(pivot);
            }

            Parallel.For(first + size, n, parallel, row => SolveRow(a, n, first, a.AsSpan(row * n + first, size), size));
        }

        return true;
    }

    // A[rows, columns] -= L[rows, :left]·L[columns, :left]ᵀ; what lies above the diagonal of a block on it is not read.
    private static void SubtractLeft(double[] a, int n, int firstRow, int rows, int left, int columns)
    {
        StridedMatrix all = StridedMatrix.OfRows(a, n);
        DotProducts.Subtract(all.At(firstRow, 0), rows, all.At(left, 0), columns, left, all.At(firstRow, left));
    }

    // Divides the first `count` elements of a row by the factored block on the diagonal: row ← row·L⁻ᵀ.
    private static void SolveRow(double[] a, int n, int start, Span<double> row, int count)
    {
        for (int c = 0; c < count; c++)
        {
            ReadOnlySpan<double> factor = a.AsSpan((start + c) * n + start, c + 1);
            row[c] = (row[c] - TensorPrimitives.Dot(row[..c], factor[..c])) / factor[c];
        }
    }

    // Some columns of B, each as one run of memory: forward with L, then backward with Lᵀ, which stands above the diagonal. In blocks of
    // rows: subtract what the rows solved before contribute, then solve the block.
    private static void SolveStrip(double[] l, int n, double[] b, int columns, int first, int count)
    {
        var x = new double[count * n];
        StridedMatrix factor = StridedMatrix.OfRows(l, n), solution = StridedMatrix.OfRows(x, n);
        for (int i = 0; i < n; i++)
        {
            for (int c = 0; c < count; c++) x[c * n + i] = b[i * columns + first + c];
        }

        for (int start = 0; start < n; start += BlockSize)
        {
            int end = Math.Min(start + BlockSize, n);
            DotProducts.Subtract(factor.At(start, 0), end - start, solution, count, start, solution.At(0, start).Transposed);
            for (int c = 0; c < count; c++) SolveRow(l, n, start, x.AsSpan(c * n + start, end - start), end - start);
        }

        for (int end = n; end > 0; end = (end - 1) / BlockSize * BlockSize)
        {
            int start = (end - 1) / BlockSize * BlockSize;
            DotProducts.Subtract(factor.At(start, end), end - start, solution.At(0, end), count, n - end, solution.At(0, start).Transposed);
            for (int i = end - 1; i >= start; i--)
            {
                ReadOnlySpan<double> row = l.AsSpan(i * n + i + 1, end - i - 1);
                for (int c = 0; c < count; c++)
                    x[c * n + i] = (x[c * n + i] - TensorPrimitives.Dot(row, x.AsSpan(c * n + i + 1, end - i - 1))) / l[i * n + i];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int c = 0; c < count; c++) b[i * columns + first + c] = x[c * n + i];
        }
    }

    // Writes Lᵀ above the diagonal, so that both substitutions read rows.
    private static void Mirror(double[] a, int n, ParallelOptions parallel) => Parallel.For(0, (n + BlockSize - 1) / BlockSize, parallel, block =>
    {
        for (int column = 0; column < n; column += BlockSize)
        {
            for (int i = block * BlockSize; i < Math.Min(n, (block + 1) * BlockSize); i++)
            {
                for (int j = Math.Max(column, i + 1); j < Math.Min(n, column + BlockSize); j++) a[i * n + j] = a[j * n + i];
            }
        }
    });
}
