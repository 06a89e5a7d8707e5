using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace P6bNative.Trainer.Training;

/// <summary>
/// Eigenvectors of a symmetric positive definite matrix by one-sided Jacobi rotations in double precision (Hestenes 1958): rotating pairs of
/// rows until all are orthogonal leaves row i as λᵢ·vᵢ. Runs over whole rows, so that 768 of them take seconds.
/// </summary>
internal static class SymmetricEigen
{
    private const int MaxSweeps = 60;

    // Rows at a smaller cosine are orthogonal for every use of a float.
    private const double Orthogonal = 1e-11;

    /// <summary>Replaces a matrix by its eigenvectors.</summary>
    /// <param name="a">A [n, n], symmetric positive definite; on return row i is the unit eigenvector of the i-th largest eigenvalue.</param>
    /// <param name="n">Rows of A.</param>
    /// <returns>The eigenvalues, largest first.</returns>
    public static double[] Solve(double[] a, int n)
    {
        var squares = new double[n];
        for (int sweep = 0; sweep < MaxSweeps; sweep++)
        {
            // Afresh in every sweep: the updates of a rotation gather rounding.
            for (int i = 0; i < n; i++) squares[i] = TensorPrimitives.SumOfSquares<double>(Row(a, n, i));
            if (!Sweep(a, n, squares)) break;
        }

        return Sorted(a, n, squares);
    }

    /// <returns>False where no pair had to be rotated.</returns>
    private static bool Sweep(double[] a, int n, double[] squares)
    {
        bool rotated = false;
        for (int p = 0; p < n - 1; p++)
        {
            for (int q = p + 1; q < n; q++)
            {
                Span<double> x = Row(a, n, p), y = Row(a, n, q);
                double product = TensorPrimitives.Dot<double>(x, y);
                if (!(Math.Abs(product) > Orthogonal * Math.Sqrt(squares[p] * squares[q]))) continue;
                rotated = true;

                // The smaller angle of the two that make the rows orthogonal.
                double zeta = (squares[q] - squares[p]) / (2 * product);
                double tangent = (zeta < 0 ? -1 : 1) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
                double cosine = 1 / Math.Sqrt(1 + tangent * tangent), sine = cosine * tangent;
                Rotate(x, y, cosine, sine);
                squares[p] -= tangent * product;
                squares[q] += tangent * product;
            }
        }

        return rotated;
    }

    /// <summary>(x, y) ← (c·x − s·y, s·x + c·y)</summary>
    private static void Rotate(Span<double> x, Span<double> y, double cosine, double sine)
    {
        Span<Vector<double>> xs = MemoryMarshal.Cast<double, Vector<double>>(x), ys = MemoryMarshal.Cast<double, Vector<double>>(y);
        for (int i = 0; i < xs.Length; i++)
        {
            (Vector<double> u, Vector<double> v) = (xs[i], ys[i]);
            xs[i] = cosine * u - sine * v;
            ys[i] = sine * u + cosine * v;
        }

        for (int i = xs.Length * Vector<double>.Count; i < x.Length; i++)
            (x[i], y[i]) = (cosine * x[i] - sine * y[i], sine * x[i] + cosine * y[i]);
    }

    private static double[] Sorted(double[] a, int n, double[] squares)
    {
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => squares[i]).ThenBy(i => i)];
        var rows = new double[a.Length];
        for (int i = 0; i < n; i++)
        {
            Span<double> vector = rows.AsSpan(i * n, n);
            Row(a, n, order[i]).CopyTo(vector);

            // Either sign is an eigenvector: the largest component decides, so that a small change of the data does not turn one around.
            double largest = vector[TensorPrimitives.IndexOfMaxMagnitude<double>(vector)];
            TensorPrimitives.Divide(vector, Math.CopySign(Math.Sqrt(TensorPrimitives.SumOfSquares<double>(vector)), largest), vector);
        }

        rows.CopyTo(a, 0);
        return [.. order.Select(i => Math.Sqrt(squares[i]))];
    }

    private static Span<double> Row(double[] a, int n, int row) => a.AsSpan(row * n, n);
}
