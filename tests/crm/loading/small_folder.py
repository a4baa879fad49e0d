"""A shop's folder of one customer and two orders, to be changed by a test."""

from pathlib import Path

FILES = {
    "products.csv": "product_id,name\n1,T-Shirt\n",
    "variants.csv": (
        "item_id,product_id,available,price,options\n"
        '11,1,True,20.00,"{""size"": ""M""}"\n12,1,False,25.50,"{""size"": ""L""}"\n'
    ),
    "users.csv": (
        "user_id,first_name,last_name,email,address1,address2,city,state,country,zip\n"
        "mia_1,Mia,Lopez,Mia.Lopez@example.com,1 Elm Street,Suite 2,Denver,CO,USA,80279\n"
    ),
    "payment_methods.csv": (
        "payment_method_id,user_id,source,brand,last_four,balance\n"
        "card_1,mia_1,credit_card,visa,9212,\ngift_1,mia_1,gift_card,,,51\n"
    ),
    "orders.csv": (
        "order_id,user_id,status,address1,address2,city,state,country,zip,cancel_reason\n"
        "#W1000001,mia_1,pending,1 Elm Street,Suite 2,Denver,CO,USA,80279,\n"
        "#W1000002,mia_1,cancelled,1 Elm Street,Suite 2,Denver,CO,USA,80279,no longer needed\n"
    ),
    "order_items.csv": (
        "order_id,line,item_id,product_id,name,price,options\n"
        '#W1000001,1,11,1,T-Shirt,20.00,"{}"\n#W1000002,1,12,1,T-Shirt,25.50,"{}"\n'
    ),
    "payments.csv": (
        "order_id,transaction_type,amount,payment_method_id\n"
        "#W1000001,payment,20.0,card_1\n#W1000002,payment,25.5,gift_1\n#W1000002,refund,25.5,gift_1\n"
    ),
    "fulfillments.csv": "order_id,tracking_id,item_ids\n",
}


def small_folder(folder: Path, **changed: str) -> Path:
    """Written to `folder`; `changed` names files without their ending, with the text they have instead."""
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(changed.get(name.removesuffix(".csv"), text), encoding="utf-8")
    return folder
