using System.Text.Json.Nodes;

namespace Dub.Clerk.Host.StandIns;

/// <summary><c>/customers</c>: who is there.</summary>
internal static class DubCustomers
{
    public static IResult List(HttpRequest request, DubWorkspace workspace)
    {
        var query = new DubQuery(request.Query);
        var sortBy = query.Option("sortBy", "createdAt", "saleAmount", "firstSaleAt", "subscriptionCanceledAt");
        var descending = query.Option("sortOrder", "desc", "asc") == "desc";
        lock (workspace.Gate)
        {
            var matches = Matching(query, workspace);
            var sorted = sortBy switch
            {
                "saleAmount" => matches.OrderBy(customer => customer.SaleAmount),
                "firstSaleAt" => matches.OrderBy(customer => customer.FirstSaleAt),
                _ => matches.OrderBy(customer => customer.Id, StringComparer.Ordinal),
            };
            return query.Page(
                [.. descending ? sorted.Reverse() : sorted], customer => customer.Id, customer => DubJson.Customer(customer));
        }
    }

    public static IResult Get(string id, DubWorkspace workspace)
    {
        lock (workspace.Gate)
        {
            return workspace.FindCustomerById(id) is { } customer ? DubReply.Json(DubJson.Customer(customer)) : NotFound();
        }
    }

    public static IResult Delete(string id, DubWorkspace workspace)
    {
        lock (workspace.Gate)
        {
            if (workspace.FindCustomerById(id) is not { } customer)
            {
                return NotFound();
            }

            workspace.RemoveCustomer(customer);
            return DubReply.Json(new JsonObject { ["id"] = customer.Id });
        }
    }

    private static IResult NotFound() => DubReply.NotFound(
        "Customer not found. Make sure you're using the correct customer ID (e.g. `cus_3TagGjzRzmsFJdH8od2BNCsc`) "
        + "or external ID (has to be prefixed with `ext_`).");

    /// <summary>An e-mail address wins over an external id, and that over a search.</summary>
    private static IEnumerable<DubCustomer> Matching(DubQuery query, DubWorkspace workspace)
    {
        if (query.Text("email") is { } email)
        {
            return workspace.Customers.Where(customer => customer.Email == email);
        }

        if (query.Text("externalId") is { } externalId)
        {
            return workspace.FindCustomer(externalId) is { } customer ? [customer] : [];
        }

        return query.Text("search") is { } search
            ? workspace.Customers.Where(customer => customer.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
                || customer.Email?.Contains(search, StringComparison.OrdinalIgnoreCase) is true
                || customer.ExternalId.Contains(search, StringComparison.OrdinalIgnoreCase))
            : workspace.Customers;
    }
}
