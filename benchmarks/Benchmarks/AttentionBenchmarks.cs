using BenchmarkDotNet.Attributes;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Benchmarks;

/// <summary>Causal attention over five positions with eight heads; one query is what evaluation computes for each prefix.</summary>
public class AttentionBenchmarks : HostBenchmark
{
    private const int Heads = 8, Length = 5;
    private AttentionShape _shape;
    private MatrixView _query, _key, _value, _output, _dQuery, _dKey, _dValue;
    private View _probabilities;

    [Params(32, 256)]
    public int Batch { get; set; }

    [Params(1, Length)]
    public int Queries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _shape = new AttentionShape(Batch, Heads, Queries, Length);
        (_query, _output, _dQuery) = (Random(Batch * Queries, Width), Random(Batch * Queries, Width), Random(Batch * Queries, Width));
        (_key, _dKey) = (Random(Batch * Length, Width), Random(Batch * Length, Width));
        (_value, _dValue) = (Random(Batch * Length, Width), Random(Batch * Length, Width));
        _probabilities = Random(_shape.Probabilities);
        Forward();
    }

    [Benchmark]
    public void Forward() => Operations.AttentionForward(_shape, _query, _key, _value, _output, _probabilities, Dropout);

    [Benchmark]
    public void Backward() => Operations.AttentionBackward(
        _shape, _output, _query, _key, _value, _probabilities, _dQuery, accumulateQuery: false, _dKey, _dValue, accumulateKeyValue: false, Dropout);
}
