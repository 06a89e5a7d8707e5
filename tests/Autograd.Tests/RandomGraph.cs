using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd.Tests;

/// <summary>A tape of random operations on 6×4 matrices, each reading any tensors recorded before it.</summary>
internal sealed class RandomGraph : IDisposable
{
    private const int Rows = 6;
    private const int Width = 4;
    private readonly Random _random;
    private readonly List<Tensor> _tensors = [];
    private readonly Tensor _weight;
    private readonly Tensor _gamma;
    private readonly Tensor _beta;
    private readonly Tensor _bias;
    private readonly Tensor _positions;

    private RandomGraph(Device device, int seed)
    {
        _random = new Random(seed);
        Subject = new GradientCheckSubject(device, _random);
        _weight = Subject.Variable("weight", Width, Width);
        _gamma = Subject.Variable("gamma", 1, Width);
        _beta = Subject.Variable("beta", 1, Width);
        _bias = Subject.Variable("bias", 1, Width);
        _positions = Subject.Data("positions", 3, Width);
        _tensors.Add(Subject.Variable("x0", Rows, Width));
        _tensors.Add(Subject.Data("data", Rows, Width));
        _tensors.Add(Subject.Variable("x1", Rows, Width));
    }

    public GradientCheckSubject Subject { get; }

    public Tape Tape => Subject.Tape;

    public static RandomGraph Create(Device device, int seed)
    {
        var graph = new RandomGraph(device, seed);
        int operations = graph._random.Next(5, 20);
        for (int i = 0; i < operations; i++)
            graph._tensors.Add(graph.Next());
        Tensor last = graph._tensors[^1];
        graph.Subject.AddToLoss(last.RequiresGradient ? last : graph.Tape.Linear(last, graph._weight, null));
        if (graph._tensors[^2] is { RequiresGradient: true, ValueBlock: not null } other && graph._random.Next(2) == 0)
            graph.Subject.AddToLoss(other);
        graph.Subject.Seal();
        return graph;
    }

    public void Dispose() => Subject.Dispose();

    private Tensor Next() => _random.Next(7) switch
    {
        0 => Tape.Linear(Any(), _weight, bias: null),
        1 => Tape.Linear(Any(), _weight, _bias),
        2 => Tape.Gelu(Any()),
        3 => Tape.LayerNorm(Any(), _gamma, _beta),
        4 => TwoDifferent(),
        5 => ReluDropout(),
        _ => Tape.AddPosition(Any(), _positions),
    };

    /// <summary>Of a tensor that later operations may read too, so that working in place must be refused at times.</summary>
    private Tensor ReluDropout()
    {
        Tensor x = Tape.Linear(Any(), _weight, bias: null);
        _tensors.Add(x);
        return Tape.ReluDropout(x, 0.2f);
    }

    private Tensor TwoDifferent()
    {
        int first = _random.Next(_tensors.Count);
        int second = (first + _random.Next(1, _tensors.Count)) % _tensors.Count;
        return Tape.DropoutResidualLayerNorm(_tensors[first], _tensors[second], _gamma, _beta, 0.2f);
    }

    private Tensor Any() => _tensors[_random.Next(_tensors.Count)];
}
