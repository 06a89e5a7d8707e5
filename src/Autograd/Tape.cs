using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

/// <summary>What a tape is recorded for.</summary>
public enum TapeMode
{
    /// <summary>Forward and backward, with dropout.</summary>
    Training,

    /// <summary>Forward alone: no gradients, no dropout.</summary>
    Inference,
}

/// <summary>
/// A computation recorded once for fixed shapes and replayed: recording appends operations, <see cref="Seal"/> plans all memory as one
/// arena, then <see cref="Forward"/> and <see cref="Backward"/> run it without allocating anything. Not thread-safe.
/// </summary>
public sealed partial class Tape : IDisposable
{
    private readonly List<Node> _nodes = [];
    private readonly List<Tensor> _leaves = [];
    private readonly List<(Tensor Tensor, double[] Values)> _constants = [];
    private AnomalyDetector? _anomalyDetector;
    private TapePlan? _plan;
    private Kernels.Devices.Buffer? _arena;

    /// <summary>Starts an empty tape.</summary>
    /// <param name="device">Where it will run; must outlive the tape.</param>
    /// <param name="mode">Training or inference.</param>
    public Tape(Device device, TapeMode mode = TapeMode.Training)
    {
        Device = device;
        Mode = mode;
    }

    /// <summary>Where the tape runs.</summary>
    public Device Device { get; }

    /// <summary>What the tape is recorded for.</summary>
    public TapeMode Mode { get; }

    /// <summary>Key of all dropouts; set it before each <see cref="Forward"/>, e.g. to CounterRandom.Mix(seed, step).</summary>
    public RandomKey Key { get; } = new();

    /// <summary>Checks everything that is written and throws <see cref="AnomalyException"/> at the first NaN or infinity; slow.</summary>
    public bool DetectAnomaly { get; set; }

    /// <summary>True after <see cref="Seal"/>.</summary>
    public bool IsSealed => _plan is not null;

    /// <summary>Elements of the arena; 0 before <see cref="Seal"/>.</summary>
    public long ArenaLength => _plan?.ArenaLength ?? 0;

    /// <summary>Number of recorded operations.</summary>
    public int NodeCount => _nodes.Count;

    /// <summary>Number of recorded dropouts; each draws from its own stream.</summary>
    public int DropoutSites { get; private set; }

    internal string CurrentScope { get; set; } = "";

    internal IReadOnlyList<Node> Nodes => _nodes;

    internal TapePlan? Plan => _plan;

    /// <summary>Prefixes all names recorded until the result is disposed; scopes nest.</summary>
    public NameScope Scope(string name)
    {
        var scope = new NameScope(this, CurrentScope);
        CurrentScope = Qualify(name);
        return scope;
    }

    /// <summary>A tensor that the caller uploads before <see cref="Forward"/>. It keeps its contents and has no gradient.</summary>
    public Tensor Input(string name, int rows, int columns)
    {
        RequireRecording();
        if (rows < 1 || columns < 1)
            throw new ShapeException($"Input '{name}' {rows}x{columns} must have at least one row and one column.");
        var tensor = new Tensor(this, Qualify(name), rows, columns, requiresGradient: false) { ValueBlock = new Block((long)rows * columns) };
        _leaves.Add(tensor);
        return tensor;
    }

    /// <summary>A tensor with fixed contents, uploaded by <see cref="Seal"/>.</summary>
    /// <param name="name">Name under the current scope.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="values">rows·columns numbers, row by row.</param>
    public Tensor Constant(string name, int rows, int columns, ReadOnlySpan<double> values)
    {
        Tensor tensor = Input(name, rows, columns);
        if (values.Length != tensor.Length)
            throw new ShapeException($"Constant {tensor.Shape} needs {tensor.Length} values, not {values.Length}.");
        _constants.Add((tensor, values.ToArray()));
        return tensor;
    }

    /// <summary>
    /// A tensor in memory of the caller. <see cref="Backward"/> overwrites its gradient, with the sum over all uses; where no gradient flows
    /// to it, it is left as it is. The same views give the same tensor; part of a parameter is a leaf of its own if the parts are disjoint.
    /// </summary>
    /// <param name="name">Name under the current scope.</param>
    /// <param name="value">The elements, dense.</param>
    /// <param name="gradient">Where the gradient goes, dense; empty for a frozen parameter. Not used on an inference tape.</param>
    /// <exception cref="ArgumentException">The views are not dense, differ in shape, or overlap another parameter's.</exception>
    public Tensor Parameter(string name, MatrixView value, MatrixView gradient)
    {
        RequireRecording();
        if (Mode == TapeMode.Inference)
            gradient = default;
        bool sameShape = gradient.IsEmpty || (gradient.Rows == value.Rows && gradient.Columns == value.Columns && gradient.IsDense);
        if (value.IsEmpty || !value.IsDense || !sameShape)
        {
            throw new ArgumentException(
                $"Parameter '{Qualify(name)}': value {value.Rows}x{value.Columns} and gradient {gradient.Rows}x{gradient.Columns} "
                + "must be dense and of one shape.");
        }

        foreach (Tensor other in _leaves.Where(leaf => leaf.ValueBlock is null))
        {
            if (other.Value == value && other.RequiresGradient == !gradient.IsEmpty && (gradient.IsEmpty || other.Gradient == gradient))
                return other;
            if (Overlap(other.Value.Data, value.Data) || (!gradient.IsEmpty && other.RequiresGradient && Overlap(other.Gradient.Data, gradient.Data)))
                throw new ArgumentException($"Parameter '{Qualify(name)}' overlaps parameter '{other.Name}': parts must be disjoint or the same.");
        }

        var tensor = new Tensor(this, Qualify(name), value.Rows, value.Columns, requiresGradient: !gradient.IsEmpty);
        tensor.BindParameter(value, gradient);
        _leaves.Add(tensor);
        return tensor;
    }

    /// <summary>Lets the caller read this tensor's value after <see cref="Forward"/> and its gradient after <see cref="Backward"/>.</summary>
    public void Keep(Tensor tensor)
    {
        RequireRecording();
        tensor.IsKept = true;
    }

    /// <summary>
    /// Keeps a tensor whose gradient the caller provides: written before each <see cref="Backward"/>, which passes it on. On an inference
    /// tape the same as <see cref="Keep"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tensor depends on no parameter.</exception>
    public void Output(Tensor tensor)
    {
        Keep(tensor);
        if (Mode == TapeMode.Inference)
            return;
        if (!tensor.RequiresGradient)
            throw new InvalidOperationException($"Output '{tensor.Name}' depends on no parameter, so there is nothing to differentiate.");
        tensor.IsSeeded = true;
    }

    /// <summary>Ends the recording: decides where gradients accumulate, plans the arena and allocates it.</summary>
    public void Seal()
    {
        RequireRecording();
        _plan = TapePlan.Create(_nodes, _leaves, Mode);
        if (_plan.ArenaLength > 0)
            _arena = Device.Allocate(_plan.ArenaLength);
        if (_arena is not null)
            _plan.Bind(_arena);
        foreach ((Tensor tensor, double[] values) in _constants)
            Device.Upload(values, tensor.Value.Data);
    }

    /// <summary>Runs all operations in recorded order.</summary>
    /// <exception cref="AnomalyException">In anomaly mode, at the first NaN or infinity.</exception>
    public void Forward()
    {
        IOperations operations = Device.Operations;
        foreach (Node node in RequirePlan().ForwardNodes)
        {
            node.Forward(operations);
            if (DetectAnomaly)
                Detector.AfterForward(node);
        }
    }

    /// <summary>Runs the backward of all operations in reverse order, after <see cref="Forward"/> and once the loss is known.</summary>
    /// <exception cref="InvalidOperationException">The tape was recorded for inference.</exception>
    /// <exception cref="AnomalyException">In anomaly mode, at the first NaN or infinity.</exception>
    public void Backward()
    {
        if (Mode == TapeMode.Inference)
            throw new InvalidOperationException("A tape recorded for inference has no backward.");
        IOperations operations = Device.Operations;
        foreach (Node node in RequirePlan().BackwardNodes)
        {
            node.Backward(operations);
            if (DetectAnomaly)
                Detector.AfterBackward(node);
        }
    }

    /// <summary>Returns the arena to the device. Parameters belong to the caller and stay.</summary>
    public void Dispose() => _arena?.Dispose();

    internal string Qualify(string name) => CurrentScope.Length == 0 ? name : $"{CurrentScope}.{name}";

    private AnomalyDetector Detector => _anomalyDetector ??= new AnomalyDetector(Device);

    private static bool Overlap(View a, View b) =>
        ReferenceEquals(a.Buffer, b.Buffer) && a.Offset < b.Offset + b.Length && b.Offset < a.Offset + a.Length;

    /// <summary>Appends a node and returns its result.</summary>
    private Tensor Append(Node node)
    {
        RequireRecording();
        var seen = new HashSet<Tensor>();
        foreach (Operand operand in node.Operands)
        {
            if (!seen.Add(operand.Tensor))
                throw new ArgumentException($"{node}: tensor '{operand.Tensor.Name}' may be given only once.");
        }

        foreach (Tensor written in node.Written)
            written.ValueBlock = new Block(written.Length);
        _nodes.Add(node);
        return node.Output;
    }

    /// <summary>The dropout of the next site.</summary>
    private Dropout NextDropout(float probability)
    {
        if (!(probability is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A dropout probability lies in [0, 1).");
        uint site = (uint)DropoutSites++;
        return Mode == TapeMode.Inference || probability == 0 ? default : new Dropout(probability, Key, site);
    }

    private TapePlan RequirePlan() => _plan ?? throw new InvalidOperationException("The tape must be sealed before it runs.");

    private void RequireRecording()
    {
        if (IsSealed)
            throw new InvalidOperationException("The tape is sealed: nothing can be recorded any more.");
    }
}
