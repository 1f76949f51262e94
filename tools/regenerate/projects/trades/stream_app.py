import streamlit as st
from orders import buy

st.title("Shop")
buy(["coffee"])
