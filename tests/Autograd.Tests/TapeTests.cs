using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd.Tests;

public sealed class TapeTests : IDisposable
{
    private readonly ReferenceDevice _device = new();
    private readonly GradientCheckSubject _subject;

    public TapeTests() => _subject = new GradientCheckSubject(_device, new Random(7));

    private Tape Tape => _subject.Tape;

    public void Dispose()
    {
        _subject.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void A_second_replay_gives_the_same_bits()
    {
        using RandomGraph graph = RandomGraph.Create(_device, 11);
        double[][] Step()
        {
            graph.Tape.Forward();
            double loss = graph.Subject.Loss();
            graph.Tape.Backward();
            return [[loss], .. graph.Subject.Variables.Select(variable => Download(variable.Gradient))];
        }

        Assert.Equal(Step(), Step());
    }

    [Fact]
    public void Replays_allocate_nothing()
    {
        Tensor hidden = Tape.ReluDropout(Tape.Linear(_subject.Variable("x", 6, 4), _subject.Variable("weight", 3, 4), null), 0.1f);
        _subject.AddToLoss(Tape.Gelu(Tape.TakeLast(hidden, 2)));
        Tape.Seal();
        Tape.Forward();
        Tape.Backward();
        long device = _device.AllocatedBytes;
        long managed = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 3; i++)
        {
            Tape.Forward();
            Tape.Backward();
        }

        Assert.Equal(managed, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(device, _device.AllocatedBytes);
    }

    [Fact]
    public void Dispose_returns_the_arena()
    {
        long before = _device.AllocatedBytes;
        RandomGraph graph = RandomGraph.Create(_device, 13);
        Assert.True(_device.AllocatedBytes > before);
        graph.Dispose();
        Assert.Equal(before, _device.AllocatedBytes);
    }

    [Fact]
    public void Dropout_changes_with_the_key_and_differs_between_operations()
    {
        Tensor x = _subject.Variable("x", 40, 5);
        Tensor first = Tape.ReluDropout(Tape.Gelu(x), 0.5f), second = Tape.ReluDropout(Tape.Gelu(x), 0.5f);
        Tape.Keep(first);
        Tape.Keep(second);
        Tape.Seal();
        Tape.Forward();
        double[] before = Download(first);
        Assert.NotEqual(before, Download(second));
        Tape.Key.Value++;
        Tape.Forward();
        Assert.NotEqual(before, Download(first));
        Tape.Key.Value--;
        Tape.Forward();
        Assert.Equal(before, Download(first));
    }

    [Fact]
    public void An_inference_tape_drops_nothing_and_has_no_gradients()
    {
        using var tape = new Tape(_device, TapeMode.Inference);
        Tensor x = tape.Constant("x", 1, 4, [1, 2, 3, 4]);
        Tensor y = tape.ReluDropout(x, 0.9f);
        tape.Output(y);
        tape.Seal();
        tape.Forward();
        Assert.Equal([1, 2, 3, 4], Download(y));
        Assert.False(y.RequiresGradient);
        Assert.Throws<InvalidOperationException>(tape.Backward);
        Assert.Throws<InvalidOperationException>(() => y.Gradient);
    }

    [Fact]
    public void Inputs_and_constants_keep_their_contents_over_replays()
    {
        Tensor input = Tape.Input("input", 3, 4);
        Tensor constant = Tape.Constant("constant", 3, 4, [.. Enumerable.Range(0, 12).Select(i => (double)i)]);
        Tensor weight = _subject.Variable("weight", 4, 4);
        Tensor a = Tape.Gelu(Tape.Linear(input, weight, null)), b = Tape.Gelu(Tape.Linear(constant, weight, null));
        _subject.AddToLoss(Tape.Linear(a, weight, null));
        _subject.AddToLoss(Tape.Linear(b, weight, null));
        Tape.Seal();
        double[] numbers = _subject.Numbers(12);
        _device.Upload(numbers, input.Value.Data);
        for (int i = 0; i < 2; i++)
        {
            Tape.Forward();
            _subject.Loss();
            Tape.Backward();
            Assert.Equal(numbers, Download(input));
            Assert.Equal(Enumerable.Range(0, 12).Select(n => (double)n), Download(constant));
        }
    }

    [Fact]
    public void Kept_tensors_can_be_read_at_the_end_with_their_gradients()
    {
        Tensor x = _subject.Variable("x", 3, 4);
        Tensor kept = Tape.AddPosition(x, _subject.Data("table", 3, 4));
        Tape.Keep(kept);
        Tensor y = Tape.Gelu(kept);
        for (int i = 0; i < 5; i++)
            y = Tape.Gelu(y);
        _subject.AddToLoss(y);
        Tape.Seal();
        Tape.Forward();
        double[] afterForward = Download(kept);
        _subject.Loss();
        Tape.Backward();
        Assert.Equal(afterForward, Download(kept));
        Assert.Equal(Download(x.Gradient.Data), Download(kept.Gradient.Data));
    }

    [Fact]
    public void A_kept_gradient_is_not_overwritten_in_place()
    {
        Tensor kept = Tape.ReluDropout(Tape.Gelu(_subject.Variable("x", 6, 4)), 0);
        Tape.Keep(kept);
        Tensor y = Tape.TakeLast(kept, 1);
        _subject.AddToLoss(y);
        Tape.Seal();
        Tape.Forward();
        _subject.Loss();
        Tape.Backward();
        Assert.Equal(Download(y.Gradient.Data), Download(kept.Gradient.Data));
    }

    [Fact]
    public void A_frozen_parameter_gets_no_gradient_and_the_rest_does()
    {
        Tensor x = _subject.Variable("x", 5, 3);
        Tensor gamma = Frozen("gamma", 1, 3);
        Tensor beta = _subject.Variable("beta", 1, 3);
        _subject.AddToLoss(Tape.LayerNorm(x, gamma, beta));
        Tape.Seal();
        Assert.False(gamma.RequiresGradient);
        Assert.True(Check().Passed);
    }

    [Fact]
    public void Nothing_is_computed_for_an_input_without_gradient()
    {
        Tensor x = Tape.Input("x", 5, 3);
        Tensor weight = _subject.Variable("weight", 2, 3);
        _subject.AddToLoss(Tape.Linear(x, weight, null));
        Tape.Seal();
        Assert.Throws<InvalidOperationException>(() => x.Gradient);
        Assert.Single(Tape.Plan!.BackwardNodes);
    }

    [Fact]
    public void Branches_that_no_output_reads_are_left_out_of_the_backward()
    {
        Tensor x = _subject.Variable("x", 5, 3);
        Tape.Gelu(x, "dead");
        _subject.AddToLoss(Tape.Gelu(x, "live"));
        Tape.Seal();
        Assert.Equal(["live"], Tape.Plan!.BackwardNodes.Select(node => node.Name));
        Assert.True(Check().Passed);
    }

    [Fact]
    public void Disjoint_parts_of_a_parameter_are_leaves_of_their_own()
    {
        View value = _device.Allocate(12).All, gradient = _device.Allocate(12).All;
        Tensor upper = Tape.Parameter("upper", value.Slice(0, 4).AsMatrix(1, 4), gradient.Slice(0, 4).AsMatrix(1, 4));
        Tensor lower = Tape.Parameter("lower", value.Slice(4, 8).AsMatrix(2, 4), gradient.Slice(4, 8).AsMatrix(2, 4));
        Assert.NotSame(upper, lower);
        Assert.Same(upper, Tape.Parameter("again", value.Slice(0, 4).AsMatrix(1, 4), gradient.Slice(0, 4).AsMatrix(1, 4)));
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => Tape.Parameter("whole", value.AsMatrix(3, 4), gradient.AsMatrix(3, 4)));
        Assert.Contains("'whole' overlaps parameter 'upper'", error.Message);
    }

    [Fact]
    public void Names_carry_their_scopes()
    {
        Tensor x = _subject.Variable("x", 2, 3);
        using (Tape.Scope("layers.0"))
        {
            using (Tape.Scope("self_attn"))
                Assert.Equal("layers.0.self_attn.act", Tape.Gelu(x, "act").Name);
            Assert.Equal("layers.0.act", Tape.Gelu(x, "act").Name);
        }

        Assert.Equal("act", Tape.Gelu(x, "act").Name);
    }

    [Fact]
    public void A_sealed_tape_records_nothing_and_an_unsealed_one_does_not_run()
    {
        Tensor x = _subject.Variable("x", 2, 3);
        Tensor y = Tape.Gelu(x);
        Assert.Throws<InvalidOperationException>(Tape.Forward);
        Assert.Throws<InvalidOperationException>(() => y.Value);
        Tape.Seal();
        Assert.Throws<InvalidOperationException>(() => Tape.Gelu(x));
        Assert.Throws<InvalidOperationException>(Tape.Seal);
    }

    [Fact]
    public void Parameters_of_one_norm_cannot_be_shared_one_without_the_other()
    {
        Tensor x = _subject.Variable("x", 5, 3), gamma = _subject.Variable("gamma", 1, 3);
        Tensor y = Tape.LayerNorm(x, gamma, _subject.Variable("beta0", 1, 3), "first");
        _subject.AddToLoss(Tape.LayerNorm(y, gamma, _subject.Variable("beta1", 1, 3), "second"));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(Tape.Seal);
        Assert.Contains("first (LayerNorm): 'gamma' and 'beta0'", error.Message);
    }

    private GradientCheckResult Check() =>
        GradientCheck.Run("check", Tape, _subject.Variables, _subject.Loss, GradientCheckSettings.DoublePrecision);

    private Tensor Frozen(string name, int rows, int columns)
    {
        View value = _device.Allocate(rows * columns).All;
        _device.Upload(_subject.Numbers(value.Length), value);
        return Tape.Parameter(name, value.AsMatrix(rows, columns), gradient: default);
    }

    private double[] Download(Tensor tensor) => Download(tensor.Value.Data);

    private double[] Download(View view)
    {
        var values = new double[view.Length];
        _device.Download(view, values);
        return values;
    }
}
