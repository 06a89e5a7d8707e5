namespace P6bNative.Autograd;

/// <summary>
/// What <see cref="Tape.Seal"/> decides. The timeline of n operations has 2n steps: forward of operation i at i, its backward at
/// 2n − 1 − i. Going through it gives each block its lifetime, and each gradient its first writer, which overwrites while the others add.
/// </summary>
internal sealed class TapePlan
{
    private readonly IReadOnlyList<Node> _nodes;
    private readonly IReadOnlyList<Tensor> _leaves;
    private readonly List<Node> _backward = [];
    private readonly int _end;

    private TapePlan(IReadOnlyList<Node> nodes, IReadOnlyList<Tensor> leaves, TapeMode mode)
    {
        _nodes = nodes;
        _leaves = leaves;
        _end = mode == TapeMode.Training ? 2 * nodes.Count : nodes.Count;
    }

    public long ArenaLength { get; private set; }

    /// <summary>All operations in recorded order.</summary>
    public Node[] ForwardNodes { get; private set; } = [];

    /// <summary>The operations that a gradient reaches, in the order of their backward.</summary>
    public Node[] BackwardNodes { get; private set; } = [];

    /// <summary>Every block of the arena, blocks that share memory counted once.</summary>
    public IReadOnlyList<Block> Blocks { get; private set; } = [];

    public static TapePlan Create(IReadOnlyList<Node> nodes, IReadOnlyList<Tensor> leaves, TapeMode mode)
    {
        var plan = new TapePlan(nodes, leaves, mode);
        plan.PlaceValues();
        if (mode == TapeMode.Training)
            plan.PlaceGradients();
        plan.KeepForCaller();
        plan.ShareValues();
        plan.ShareGradients();
        plan.ForwardNodes = [.. nodes];
        plan.BackwardNodes = [.. plan._backward];
        plan.Blocks = [.. plan.AllBlocks().Distinct()];
        plan.ArenaLength = ArenaPlan.Place(plan.Blocks);
        return plan;
    }

    public void Bind(Kernels.Devices.Buffer arena)
    {
        foreach (Tensor tensor in Tensors())
            tensor.Bind(arena);
        foreach (Operand operand in _nodes.SelectMany(node => node.Operands))
            operand.Bind(arena);
    }

    private void PlaceValues()
    {
        for (int i = 0; i < _nodes.Count; i++)
        {
            foreach (Operand operand in _nodes[i].Operands)
                operand.Tensor.ValueBlock?.LiveAt(i);
            foreach (Tensor written in _nodes[i].Written)
                written.ValueBlock!.LiveAt(i);
        }
    }

    private void PlaceGradients()
    {
        var written = new HashSet<Tensor>(Tensors().Where(tensor => tensor.IsSeeded));
        foreach (Tensor output in written.Where(tensor => tensor.ValueBlock is not null))
            output.GradientBlock = new Block(output.Length);
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            Node node = _nodes[i];
            if (!node.StartsGradient && !written.Contains(node.Output))
                continue;
            int step = StepOfBackward(i);
            node.Output.GradientBlock?.LiveAt(step);
            foreach (Tensor read in node.BackwardReads)
                read.ValueBlock?.LiveAt(step);
            foreach (Operand operand in node.Operands)
                PlaceGradient(operand, written, step);
            node.CheckPlan();
            _backward.Add(node);
        }
    }

    private static void PlaceGradient(Operand operand, HashSet<Tensor> written, int step)
    {
        Tensor tensor = operand.Tensor;
        if (operand.IsWanted)
        {
            operand.Accumulate = !written.Add(tensor);
            if (tensor.ValueBlock is null)
                return;
            tensor.GradientBlock ??= new Block(tensor.Length);
            tensor.GradientBlock.LiveAt(step);
        }
        else if (!operand.Skippable)
        {
            operand.ScratchBlock = new Block(tensor.Length);
            operand.ScratchBlock.LiveAt(step);
        }
    }

    /// <summary>Inputs and output gradients hold what the caller wrote for the whole step; kept tensors last to its end.</summary>
    private void KeepForCaller()
    {
        foreach (Block input in _leaves.Select(leaf => leaf.ValueBlock).OfType<Block>())
            LiveThroughout(input);
        foreach (Tensor tensor in Tensors())
        {
            if (tensor.IsSeeded && tensor.GradientBlock is not null)
                LiveThroughout(tensor.GradientBlock);
            if (tensor.IsKept)
            {
                tensor.ValueBlock?.LiveAt(_end);
                tensor.GradientBlock?.LiveAt(_end);
            }
        }
    }

    private void LiveThroughout(Block block)
    {
        block.LiveAt(0);
        block.LiveAt(_end);
    }

    private void ShareValues()
    {
        for (int i = 0; i < _nodes.Count; i++)
        {
            if (_nodes[i].InPlaceValue is not (Operand from, Tensor to) || from.Tensor.ValueBlock is not Block block || block.End != i)
                continue;
            block.Absorb(to.ValueBlock!);
            to.ValueBlock = block;
        }
    }

    private void ShareGradients()
    {
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            int step = StepOfBackward(i);
            if (_nodes[i].InPlaceGradient is not { IsWanted: true, Accumulate: false } operand
                || _nodes[i].Output.GradientBlock is not Block block || block.End != step
                || operand.Tensor.GradientBlock is not Block gradient)
                continue;
            block.Absorb(gradient);
            operand.Tensor.GradientBlock = block;
        }
    }

    private int StepOfBackward(int node) => 2 * _nodes.Count - 1 - node;

    private IEnumerable<Tensor> Tensors() => _leaves.Concat(_nodes.SelectMany(node => node.Written));

    private IEnumerable<Block> AllBlocks() =>
        Tensors().SelectMany(tensor => new[] { tensor.ValueBlock, tensor.GradientBlock })
            .Concat(_nodes.SelectMany(node => node.Operands).Select(operand => operand.ScratchBlock)).OfType<Block>();
}
