using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd;

/// <summary>A tape with random variables, data and loss, recorded by one <see cref="GradientCheckCase"/>.</summary>
internal sealed class GradientCheckSubject : IDisposable
{
    private readonly Random _random;
    private readonly List<Kernels.Devices.Buffer> _buffers = [];
    private readonly List<GradientVariable> _variables = [];
    private readonly List<Func<double>> _losses = [];

    public GradientCheckSubject(Device device, Random random)
    {
        _random = random;
        Tape = new Tape(device) { Key = { Value = (ulong)random.NextInt64() } };
    }

    public Tape Tape { get; }

    public IReadOnlyList<GradientVariable> Variables => _variables;

    /// <summary>A standard normal number (Box and Muller 1958).</summary>
    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>A size in [1, largest].</summary>
    public int Size(int largest) => _random.Next(1, largest + 1);

    public double[] Numbers(long count) => [.. Enumerable.Range(0, checked((int)count)).Select(_ => Normal(_random))];

    /// <summary>A matrix to differentiate by.</summary>
    public Tensor Variable(string name, int rows, int columns) => Variable(name, rows, columns, Numbers(rows * columns));

    /// <summary>A matrix to differentiate by, none of whose elements a small step moves across 0.</summary>
    public Tensor VariableAwayFromZero(string name, int rows, int columns) =>
        Variable(name, rows, columns, [.. Numbers(rows * columns).Select(x => x + Math.CopySign(0.1, x))]);

    /// <summary>A matrix without gradient.</summary>
    public Tensor Data(string name, int rows, int columns) => Tape.Constant(name, rows, columns, Numbers(rows * columns));

    /// <summary>Adds Σ w·y to the loss, with random w.</summary>
    public void AddToLoss(Tensor y)
    {
        double[] weights = Numbers(y.Length);
        var values = new double[y.Length];
        Tape.Output(y);
        AddToLoss(() =>
        {
            Tape.Device.Download(y.Value.Data, values);
            Tape.Device.Upload(weights, y.Gradient.Data);
            return weights.Zip(values, (w, v) => w * v).Sum();
        });
    }

    /// <summary>Adds a term that is evaluated after every Forward.</summary>
    public void AddToLoss(Func<double> term) => _losses.Add(term);

    public double Loss() => _losses.Sum(term => term());

    public void Seal() => Tape.Seal();

    public void Dispose()
    {
        Tape.Dispose();
        foreach (Kernels.Devices.Buffer buffer in _buffers)
            buffer.Dispose();
    }

    private Tensor Variable(string name, int rows, int columns, double[] numbers)
    {
        View value = Allocate(numbers.Length);
        View gradient = Allocate(numbers.Length);
        Tape.Device.Upload(numbers, value);
        _variables.Add(new GradientVariable(name, value, gradient));
        return Tape.Parameter(name, value.AsMatrix(rows, columns), gradient.AsMatrix(rows, columns));
    }

    private View Allocate(int length)
    {
        Kernels.Devices.Buffer buffer = Tape.Device.Allocate(length);
        _buffers.Add(buffer);
        return buffer.All;
    }
}
