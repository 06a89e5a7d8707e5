namespace P6bNative.Model;

/// <summary>What a parameter holds before training: uniform numbers in [−Bound, Bound), or a constant where the bound is 0.</summary>
internal readonly record struct StartingValues(double Bound, float Constant)
{
    public static StartingValues Zero => new(0, 0);

    public static StartingValues One => new(0, 1);

    /// <summary>Weight and bias of nn.Linear: U(±1/√inputs), which is Kaiming-uniform with a = √5 (He et al. 2015).</summary>
    public static StartingValues OfLinear(int inputs) => new(1 / Math.Sqrt(inputs), 0);

    /// <summary>All parameters of nn.LSTM and nn.GRU: U(±1/√H).</summary>
    public static StartingValues OfRecurrent(int hidden) => new(1 / Math.Sqrt(hidden), 0);

    /// <summary>The packed projection of nn.MultiheadAttention: Xavier-uniform (Glorot and Bengio 2010).</summary>
    public static StartingValues OfPackedProjection(int outputs, int inputs) => new(Math.Sqrt(6.0 / (outputs + inputs)), 0);
}
