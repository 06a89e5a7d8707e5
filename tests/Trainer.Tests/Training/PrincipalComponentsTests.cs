using P6bNative.Kernels.Devices;
using P6bNative.Model;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Tests.Training;

public sealed class PrincipalComponentsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(40)]
    public void Eigenvectors_are_orthonormal_and_rebuild_the_matrix(int n)
    {
        var random = new Random(n);
        var factor = new double[n * n];
        for (int i = 0; i < factor.Length; i++) factor[i] = random.NextDouble() - 0.5;
        var a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
                a[i * n + j] = Enumerable.Range(0, n).Sum(k => factor[i * n + k] * factor[j * n + k]) + (i == j ? 0.01 : 0);
        }

        var vectors = (double[])a.Clone();
        double[] values = SymmetricEigen.Solve(vectors, n);
        Assert.Equal(values.OrderDescending(), values);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                Assert.Equal(i == j ? 1 : 0, Enumerable.Range(0, n).Sum(c => vectors[i * n + c] * vectors[j * n + c]), 1e-9);
                Assert.Equal(a[i * n + j], Enumerable.Range(0, n).Sum(k => values[k] * vectors[k * n + i] * vectors[k * n + j]), 1e-9);
            }
        }
    }

    [Fact]
    public void Fewer_vectors_than_components_still_give_an_orthonormal_set()
    {
        using var device = new HostDevice(threads: 1);
        using ISequenceSet data = SequenceSet.Open(TinyRun.Fixture("parity", "even", "data.npz"), 1);
        PrincipalComponents components = PrincipalComponents.Of(device, data, [0, 1, 2]);
        int dimension = data.Dimension;
        for (int i = 0; i < dimension; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double product = Enumerable.Range(0, dimension).Sum(c => components.Rows[i * dimension + c] * components.Rows[j * dimension + c]);
                Assert.Equal(i == j ? 1 : 0, product, 1e-8);
            }
        }

        Assert.Equal(1, components.Kept(3), 1e-6);
    }

    [Theory]
    [InlineData("16")]
    [InlineData("48")]
    [InlineData("64")]
    public void A_run_that_starts_near_a_copy_resumes_to_the_byte_and_begins_closer(string width)
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["whole"], "--init", "pca", "--d-model", width, "--max-steps", "6").ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["parts"], "--init", "pca", "--d-model", width, "--max-steps", "3").ExitCode);
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["parts"], "--max-steps", "6").ExitCode);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder["whole"], "last.safetensors")), File.ReadAllBytes(Path.Combine(folder["parts"], "last.safetensors")));
        Assert.Contains("\"init\": \"pca\"", File.ReadAllText(Path.Combine(folder["whole"], "config.json")), StringComparison.Ordinal);

        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder["whole"], "last.safetensors"));
        Assert.Equal(int.Parse(width), VectorPredictorConfig.FromSafetensors(file).ModelDimension);
    }
}
