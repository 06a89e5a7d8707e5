using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Evaluation;

namespace P6bNative.Trainer.Tests.Evaluation;

public class RidgeRegressionTests
{
    [Theory]
    [InlineData("reference", 40, 7, 3, 0.5, 1e-12)]
    [InlineData("host", 40, 7, 3, 0.5, 1e-6)]
    [InlineData("host", 9000, 37, 21, 50, 1e-6)]
    [InlineData("host", 700, 600, 5, 2, 1e-5)]
    public void The_gradient_of_the_penalised_error_vanishes(string name, int count, int width, int outputs, double lambda, double tolerance)
    {
        using Device device = DeviceCatalog.Open(name, 2);
        var rows = new RandomRows(count, width, outputs, seed: count);
        using RidgeRegression ridge = RidgeRegression.Fit(device, rows, lambda, stop: TestContext.Current.CancellationToken);
        Assert.InRange(Worst(Gradient(rows, ridge.Weights.Span, lambda)) / count, 0, tolerance);
    }

    [Fact]
    public void Predicts_the_product_with_its_weights_for_any_number_of_rows()
    {
        using Device device = DeviceCatalog.Open("host", 2);
        var rows = new RandomRows(5000, 6, 2, seed: 3);
        using RidgeRegression ridge = RidgeRegression.Fit(device, rows, 1, stop: TestContext.Current.CancellationToken);
        var outputs = new float[rows.Count * 2];
        ridge.Predict(rows.Inputs, rows.Count, outputs);
        ReadOnlySpan<double> weights = ridge.Weights.Span;
        for (int i = 0; i < outputs.Length; i++)
        {
            double expected = 0;
            for (int k = 0; k < 6; k++) expected += rows.Inputs[i / 2 * 6 + k] * weights[k * 2 + i % 2];
            Assert.Equal(expected, outputs[i], 1e-6);
        }
    }

    [Fact]
    public void The_weights_do_not_depend_on_the_number_of_threads()
    {
        var rows = new RandomRows(500, 150, 40, seed: 4);
        byte[][] weights = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using Device device = DeviceCatalog.Open("host", threads);
            using RidgeRegression ridge = RidgeRegression.Fit(device, rows, 3, threads, stop: TestContext.Current.CancellationToken);
            return System.Runtime.InteropServices.MemoryMarshal.AsBytes(ridge.Weights.Span).ToArray();
        })];
        Assert.Equal(weights[0], weights[1]);
        Assert.Equal(weights[0], weights[2]);
    }

    [Fact]
    public void Vectors_too_large_for_single_precision_are_refused()
    {
        using Device device = DeviceCatalog.Open("host", 1);
        var rows = new RandomRows(10, 3, 2, seed: 5);
        rows.Inputs[4] = 1e30f;
        Assert.Throws<InputException>(() => RidgeRegression.Fit(device, rows, 1, stop: TestContext.Current.CancellationToken));
    }

    // Xᵀ(XW − Y) + λW in double precision.
    private static double[] Gradient(RandomRows rows, ReadOnlySpan<double> weights, double lambda)
    {
        int width = rows.InputWidth, outputs = rows.OutputWidth;
        double[] gradient = [.. weights.ToArray().Select(w => lambda * w)];
        for (int row = 0; row < rows.Count; row++)
        {
            ReadOnlySpan<float> x = rows.Inputs.AsSpan(row * width, width);
            for (int output = 0; output < outputs; output++)
            {
                double error = -rows.Outputs[row * outputs + output];
                for (int k = 0; k < width; k++) error += x[k] * weights[k * outputs + output];
                for (int k = 0; k < width; k++) gradient[k * outputs + output] += x[k] * error;
            }
        }

        return gradient;
    }

    private static double Worst(double[] values) => values.Max(Math.Abs);

    private sealed class RandomRows : IRegressionRows
    {
        public RandomRows(int count, int inputWidth, int outputWidth, int seed)
        {
            var random = new Random(seed);
            (Count, InputWidth, OutputWidth) = (count, inputWidth, outputWidth);
            Inputs = [.. Enumerable.Range(0, count * inputWidth).Select(_ => random.NextSingle() - 0.4f)];
            Outputs = [.. Enumerable.Range(0, count * outputWidth).Select(_ => random.NextSingle() - 0.6f)];
        }

        public float[] Inputs { get; }

        public float[] Outputs { get; }

        public int Count { get; }

        public int InputWidth { get; }

        public int OutputWidth { get; }

        public void Fill(int first, int count, Span<float> inputs, Span<float> outputs)
        {
            Inputs.AsSpan(first * InputWidth, count * InputWidth).CopyTo(inputs);
            Outputs.AsSpan(first * OutputWidth, count * OutputWidth).CopyTo(outputs);
        }
    }
}
