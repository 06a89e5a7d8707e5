using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

/// <summary>Which operand of a product is stored transposed. A linear layer uses NT forward, NN for dX and TN for dWeight.</summary>
public enum MatMulForm
{
    /// <summary>C[m,n] = Σₖ A[m,k]·B[k,n]</summary>
    NN,

    /// <summary>C[m,n] = Σₖ A[m,k]·B[n,k]</summary>
    NT,

    /// <summary>C[m,n] = Σₖ A[k,m]·B[k,n]</summary>
    TN,
}

public partial interface IOperations
{
    /// <summary>C = op(A)·op(B) (+ bias on every row) (+ C when <paramref name="accumulate"/>).</summary>
    /// <param name="form">Shapes: NN A[M,K] B[K,N]; NT A[M,K] B[N,K]; TN A[K,M] B[K,N].</param>
    /// <param name="a">Left operand as stored.</param>
    /// <param name="b">Right operand as stored.</param>
    /// <param name="c">Result [M,N].</param>
    /// <param name="bias">Empty, or N elements added to each row.</param>
    /// <param name="accumulate">Adds the product to C.</param>
    void MatMul(MatMulForm form, MatrixView a, MatrixView b, MatrixView c, View bias, bool accumulate);
}
