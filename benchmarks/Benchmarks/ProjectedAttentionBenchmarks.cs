using BenchmarkDotNet.Attributes;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Benchmarks;

/// <summary>One query per sample over five positions with eight heads, the projections to keys and values included: the last layer's attention.</summary>
public class ProjectedAttentionBenchmarks : HostBenchmark
{
    private const int Heads = 8, Length = 5;
    private ProjectedAttentionShape _shape;
    private MatrixView _query, _x, _weight, _output, _dQuery, _dX, _dWeight;
    private View _bias, _dBias, _probabilities, _workspace;

    [Params(32, 256)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _shape = new ProjectedAttentionShape(Batch, Heads, Length);
        (_query, _output, _dQuery) = (Random(Batch, Width), Random(Batch, Width), Random(Batch, Width));
        (_x, _dX) = (Random(Batch * Length, Width), Random(Batch * Length, Width));
        (_weight, _dWeight) = (Random(2 * Width, Width), Random(2 * Width, Width));
        (_bias, _dBias) = (Random(2L * Width), Random(2L * Width));
        (_probabilities, _workspace) = (Random(_shape.Probabilities), Random(_shape.Workspace(Width, Width)));
        Forward();
    }

    [Benchmark]
    public void Forward() =>
        Operations.ProjectedAttentionForward(_shape, _query, _x, _weight, _bias, _output, _probabilities, _workspace, Dropout);

    [Benchmark]
    public void Backward() => Operations.ProjectedAttentionBackward(
        _shape, _output, _query, _x, _weight, _bias, _probabilities, _workspace, _dQuery, accumulateQuery: false, _dX, accumulateX: false,
        _dWeight, accumulateWeight: false, _dBias, accumulateBias: false, Dropout);
}
