using BenchmarkDotNet.Attributes;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Benchmarks;

/// <summary>The three products of a linear layer at the model's shapes: 160 tokens are batch 32, 1,280 are batch 256.</summary>
public class MatMulBenchmarks : HostBenchmark
{
    private MatrixView _x, _weight, _y;
    private View _bias;

    [Params(160, 1280)]
    public int Tokens { get; set; }

    [Params("768x512", "512x512", "512x1536", "512x2048", "2048x512")]
    public string Layer { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        int[] sizes = [.. Layer.Split('x').Select(int.Parse)];
        _x = Random(Tokens, sizes[0]);
        _weight = Random(sizes[1], sizes[0]);
        _y = Random(Tokens, sizes[1]);
        _bias = Random(sizes[1]);
    }

    [Benchmark]
    public void Forward() => Operations.MatMul(MatMulForm.NT, _x, _weight, _y, _bias, accumulate: false);

    [Benchmark]
    public void InputGradient() => Operations.MatMul(MatMulForm.NN, _y, _weight, _x, default, accumulate: false);

    [Benchmark]
    public void WeightGradient() => Operations.MatMul(MatMulForm.TN, _y, _x, _weight, default, accumulate: false);
}
