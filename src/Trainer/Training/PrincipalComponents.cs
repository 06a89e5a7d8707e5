using System.Numerics.Tensors;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Data;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Trainer.Training;

/// <summary>
/// The orthonormal directions that keep most of the training vectors: eigenvectors of their second moments about 0, not about the mean, since
/// they serve to copy vectors by a linear layer without bias.
/// </summary>
/// <param name="Rows">[D, D]: component i in row i, the largest share first.</param>
/// <param name="Eigenvalues">[D] sums of squares along the components, largest first.</param>
internal sealed record PrincipalComponents(double[] Rows, double[] Eigenvalues)
{
    private const int RowsPerBlock = 4096;

    // Makes the matrix definite where there are fewer vectors than components; does not move the eigenvectors.
    private const double RelativeShift = 1e-10;

    /// <summary>Share of the vectors' squared length that the first components keep.</summary>
    public double Kept(int components) => Eigenvalues.Take(components).Sum() / Eigenvalues.Sum();

    /// <summary>The components of the targets of chosen windows.</summary>
    /// <param name="device">Computes the products, in single precision; blocks are summed in double.</param>
    /// <param name="set">The data.</param>
    /// <param name="windows">Windows of it.</param>
    /// <exception cref="InputException">The vectors are all zero, or too large in magnitude for single precision.</exception>
    public static PrincipalComponents Of(Device device, ISequenceSet set, ReadOnlySpan<int> windows)
    {
        int dimension = set.Dimension, blockRows = Math.Min(RowsPerBlock, windows.Length);
        var sum = new double[dimension * dimension];
        var product = new double[sum.Length];
        var vectors = new float[blockRows * dimension];
        using Buffer deviceVectors = device.Allocate(vectors.Length);
        using Buffer deviceProduct = device.Allocate(product.Length);
        for (int first = 0; first < windows.Length; first += blockRows)
        {
            int count = Math.Min(blockRows, windows.Length - first);
            for (int row = 0; row < count; row++) set.CopyTarget(windows[first + row], vectors.AsSpan(row * dimension, dimension));
            MatrixView x = deviceVectors.All.Slice(0, (long)count * dimension).AsMatrix(count, dimension);
            device.Upload(vectors.AsSpan(0, count * dimension), x.Data);
            device.Operations.MatMul(MatMulForm.TN, x, x, deviceProduct.All.AsMatrix(dimension, dimension), default, accumulate: false);
            device.Download(deviceProduct.All, product);
            TensorPrimitives.Add(sum, product, sum);
        }

        double trace = 0;
        for (int i = 0; i < dimension; i++) trace += sum[i * dimension + i];
        if (!double.IsFinite(trace) || trace <= 0)
        {
            throw new InputException(
                $"--init pca: {set.Path}: the training vectors have a sum of squares of {trace}; they must be finite and not all zero.");
        }

        for (int i = 0; i < dimension; i++)
        {
            sum[i * dimension + i] += RelativeShift * trace;

            // Rounding of the products is not the same on both sides of the diagonal.
            for (int j = 0; j < i; j++) sum[j * dimension + i] = sum[i * dimension + j];
        }

        double[] eigenvalues = SymmetricEigen.Solve(sum, dimension);
        return new PrincipalComponents(sum, eigenvalues);
    }
}
